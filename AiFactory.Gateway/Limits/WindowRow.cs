namespace AiFactory.Gateway.Limits;

internal sealed record WindowRow
{
    public required Guid LimitId { get; init; }

    public required string Owner { get; init; }

    public required long Spent { get; init; }

    public required long Leased { get; init; }
}
