namespace AiFactory.Contracts.Workers;

/// <summary>One file of a model that comes in several (<c>chat-00001-of-00003.gguf</c>).</summary>
/// <param name="ObjectKey">Where it lies in object storage.</param>
/// <param name="Digest"><c>sha256:</c> and lower-case hex; the worker verifies it. Empty has it computed.</param>
public sealed record ModelPart(string ObjectKey, string Digest, long SizeBytes);
