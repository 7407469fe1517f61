namespace AiFactory.Contracts.Builder.Knowledge;

/// <param name="Name">1 to 40 lower-case letters, digits and hyphens.</param>
/// <param name="EmbeddingModel">A deployment that embeds; <c>demo-embed</c> when null. It cannot change later: vectors of two models do not compare.</param>
/// <param name="ChunkSize">The most characters of a passage, 100 to 8000; 600 when null.</param>
/// <param name="ChunkOverlap">The most characters that a passage repeats of the one before it, at most half of the size; 100 when null, or less for small passages.</param>
public sealed record KnowledgeBaseRequest(string Name, string? Description, string? EmbeddingModel, int? ChunkSize, int? ChunkOverlap);
