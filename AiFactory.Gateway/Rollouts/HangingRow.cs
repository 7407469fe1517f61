namespace AiFactory.Gateway.Rollouts;

/// <summary>How many requests of a gateway, or of all, hang.</summary>
internal sealed record HangingRow
{
    /// <summary>By when it began, as the library says.</summary>
    public required DateTimeOffset Step { get; init; }

    public required Guid Variant { get; init; }

    public required long Count { get; init; }
}
