namespace AiFactory.Gateway.Rollouts;

/// <summary>How far the ledger is, by its own clock.</summary>
internal sealed record LedgerTimeRow
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>It has all that ended before, on whatever gateway; null where none has said.</summary>
    public DateTimeOffset? Delivered { get; init; }
}
