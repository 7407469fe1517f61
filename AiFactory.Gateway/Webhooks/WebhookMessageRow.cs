namespace AiFactory.Gateway.Webhooks;

internal sealed record WebhookMessageRow
{
    public const string Waiting = "waiting";
    public const string Delivered = "delivered";

    /// <summary>Given up, until somebody has it tried anew.</summary>
    public const string Parked = "parked";

    public required Guid Id { get; init; }

    public required string Project { get; init; }

    /// <summary>The batch or job that it tells of.</summary>
    public required Guid BatchId { get; init; }

    public required string Type { get; init; }

    public required string Url { get; init; }

    public string Payload { get; init; } = "";

    public required string State { get; init; }

    public required int Attempts { get; init; }

    public required DateTimeOffset NextAt { get; init; }

    public int? LastStatus { get; init; }

    public string? LastError { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}
