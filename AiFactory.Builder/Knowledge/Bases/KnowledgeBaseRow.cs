using AiFactory.Contracts.Builder.Knowledge;

namespace AiFactory.Builder.Knowledge.Bases;

internal sealed record KnowledgeBaseRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string EmbeddingModel { get; init; }

    public required int ChunkSize { get; init; }

    public required int ChunkOverlap { get; init; }

    /// <summary>The length of an embedding; null until there is one.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Rises with every change of what a search can find.</summary>
    public long Revision { get; init; }

    /// <summary>Whether the database has an index of its vectors.</summary>
    public bool Indexed { get; init; }

    /// <summary>When someone last had the index made anew.</summary>
    public DateTimeOffset? RebuiltAt { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Counted over its documents, where the query does so.</summary>
    public long Documents { get; init; }

    public long Chunks { get; init; }

    public long Bytes { get; init; }

    internal KnowledgeBaseResponse ToResponse() =>
        new(Name, Description, EmbeddingModel, ChunkSize, ChunkOverlap, Documents, Chunks, Bytes, CreatedAt);
}
