namespace AiFactory.Gateway.Webhooks;

internal sealed record WebhookSecretRow
{
    public required string Project { get; init; }

    /// <summary>Sealed, as is the next.</summary>
    public required string Secret { get; init; }

    public string? Previous { get; init; }

    public DateTimeOffset? PreviousUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }
}
