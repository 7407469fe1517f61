using AiFactory.Inference.Native;

namespace AiFactory.Inference.Weights;

/// <param name="Digest"><c>sha256:</c> and hex.</param>
/// <param name="Unread">What the file was when a mark was believed of it; null when this process has read it whole.</param>
internal sealed record VerifiedFile(string Digest, FileStamp? Unread);
