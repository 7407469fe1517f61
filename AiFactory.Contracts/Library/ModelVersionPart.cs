namespace AiFactory.Contracts.Library;

/// <summary>One file of a model that comes in several (<c>chat-00001-of-00003.gguf</c>).</summary>
/// <param name="Digest"><c>sha256:</c> and lower-case hex.</param>
public sealed record ModelVersionPart(string Digest, long SizeBytes);
