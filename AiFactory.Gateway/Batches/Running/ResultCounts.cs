namespace AiFactory.Gateway.Batches.Running;

/// <summary>What a batch has so far. Tokens are those that the answers tell of; null where none tells.</summary>
internal sealed record ResultCounts
{
    public required Guid BatchId { get; init; }

    public int Completed { get; init; }

    public int Failed { get; init; }

    public long? InputTokens { get; init; }

    public long? CachedTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? ReasoningTokens { get; init; }
}
