namespace AiFactory.Contracts.Builder.Knowledge;

/// <param name="Chunks">Of all documents.</param>
/// <param name="Bytes">Of all documents as they were uploaded.</param>
public sealed record KnowledgeBaseResponse(
    string Name,
    string Description,
    string EmbeddingModel,
    int ChunkSize,
    int ChunkOverlap,
    long Documents,
    long Chunks,
    long Bytes,
    DateTimeOffset CreatedAt);
