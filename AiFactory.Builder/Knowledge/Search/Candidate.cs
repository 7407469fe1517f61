namespace AiFactory.Builder.Knowledge.Search;

/// <summary>A passage that one of the searches found, the best first.</summary>
internal sealed record Candidate
{
    public required Guid DocumentId { get; init; }

    public required int Ordinal { get; init; }

    public required double Score { get; init; }

    internal ChunkKey Key => new(DocumentId, Ordinal);
}
