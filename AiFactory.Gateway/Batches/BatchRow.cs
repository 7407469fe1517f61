namespace AiFactory.Gateway.Batches;

/// <summary>A batch as the table has it.</summary>
internal sealed record BatchRow
{
    public required Guid Id { get; init; }

    public required string Kind { get; init; }

    public required string Project { get; init; }

    /// <summary>In whose name it runs.</summary>
    public required string Subject { get; init; }

    /// <summary>The line of keys that it is done for; null for one that an older gateway took in.</summary>
    public string? Line { get; init; }

    /// <summary>Of the routing snapshot that knew the key.</summary>
    public long? KnownVersion { get; init; }

    public DateTimeOffset? KnownAt { get; init; }

    public required string Endpoint { get; init; }

    public required string Status { get; init; }

    /// <summary>Why it ends, one of <see cref="BatchStates"/>; null while it does not.</summary>
    public string? Outcome { get; init; }

    /// <summary>From when on its requests do not change.</summary>
    public DateTimeOffset? FrozenAt { get; init; }

    public Guid? InputFile { get; init; }

    public Guid? OutputFile { get; init; }

    public Guid? ErrorFile { get; init; }

    public required string CompletionWindow { get; init; }

    public int? OutputExpiresSeconds { get; init; }

    /// <summary>A JSON object of texts.</summary>
    public string? Metadata { get; init; }

    /// <summary>A JSON array of <see cref="BatchError"/>.</summary>
    public string? Errors { get; init; }

    public string? Webhook { get; init; }

    /// <summary>Of a job: what its client called the request for it.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>With <see cref="IdempotencyKey"/>: of what was asked for.</summary>
    public byte[]? RequestHash { get; init; }

    public int Total { get; init; }

    public int Completed { get; init; }

    public int Failed { get; init; }

    public long? InputTokens { get; init; }

    public long? CachedTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    public bool HasObjects { get; init; }

    public bool HasEnded => Status is BatchStates.Completed or BatchStates.Failed or BatchStates.Expired or BatchStates.Cancelled;

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? InProgressAt { get; init; }

    public DateTimeOffset? FinalizingAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public DateTimeOffset? FailedAt { get; init; }

    public DateTimeOffset? ExpiredAt { get; init; }

    public DateTimeOffset? CancellingAt { get; init; }

    public DateTimeOffset? CancelledAt { get; init; }
}
