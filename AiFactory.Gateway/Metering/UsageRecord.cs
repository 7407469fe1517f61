using AiFactory.Gateway.Limits;

namespace AiFactory.Gateway.Metering;

/// <summary>One request to a model, as the ledger keeps it.</summary>
internal readonly record struct UsageRecord
{
    /// <summary>Version 7, from when it began.</summary>
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The one that it is charged to: the caller's, not that of a shared deployment.</summary>
    public required string Project { get; init; }

    /// <summary>Null for a caller who showed no API key.</summary>
    public Guid? KeyId { get; init; }

    public required string Subject { get; init; }

    /// <summary>The route, as <c>chat/completions</c>.</summary>
    public required string Operation { get; init; }

    public required string RequestedModel { get; init; }

    public required string Deployment { get; init; }

    /// <summary>Null for a flow, as are the model and its version.</summary>
    public Guid? DeploymentId { get; init; }

    public string? Model { get; init; }

    public int? ModelVersion { get; init; }

    /// <summary>The one that answered, or was asked last.</summary>
    public string? Replica { get; init; }

    public required string RequestId { get; init; }

    public bool Stream { get; init; }

    /// <summary>How many replicas were asked.</summary>
    public int Attempts { get; init; }

    public long? PromptTokens { get; init; }

    /// <summary>Those of the prompt that the replica had computed before.</summary>
    public long? CachedTokens { get; init; }

    public long? CompletionTokens { get; init; }

    /// <summary>Null where none is asked for.</summary>
    public long? Images { get; init; }

    /// <summary>Whether the gateway counted the completion's events, for the replica told no usage.</summary>
    public bool Estimated { get; init; }

    public UsageOutcome Outcome { get; init; }

    /// <summary>A code from a small set, never a text of a client.</summary>
    public string? Error { get; init; }

    /// <summary>The HTTP status that the client got; 0 when it got none.</summary>
    public int Status { get; init; }

    /// <summary>How long no replica could be had, in microseconds, as are the two below.</summary>
    public long QueuedMicros { get; init; }

    public long? FirstTokenMicros { get; init; }

    public long TotalMicros { get; init; }

    /// <summary>In millionths of the price table's currency; null where no price is set.</summary>
    public long? CostMicros { get; init; }

    public string? PriceVersion { get; init; }

    /// <summary>What the cache did for it: <c>hit</c>, <c>semantic</c>, <c>partial</c>, <c>miss</c> or <c>bypass</c>; null where the deployment has none. Of the first two all tokens are 0, for none was computed.</summary>
    public string? Cache { get; init; }

    /// <summary>What it takes of limits; null where it takes nothing.</summary>
    public Charge[]? Charges { get; init; }

    /// <summary>Rules that found something in it or its answer, as <c>mask:no-mail</c>.</summary>
    public string? Guardrails { get; init; }

    /// <summary>The deployment that its traffic policy chose, which a fallback may have stood in for; null where the named one has no policy.</summary>
    public Guid? Variant { get; init; }

    /// <summary>In which step of a rollout it was chosen: when that began, as the library says. Null outside of one.</summary>
    public DateTimeOffset? RolloutStep { get; init; }
}
