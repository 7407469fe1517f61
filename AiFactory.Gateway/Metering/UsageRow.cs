using System.Text.Json.Serialization;
using AiFactory.Gateway.Limits;

namespace AiFactory.Gateway.Metering;

/// <summary>A record as the table has it, member for column.</summary>
internal sealed record UsageRow
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Project { get; init; }

    public Guid? KeyId { get; init; }

    public required string Subject { get; init; }

    public required string Operation { get; init; }

    public required string RequestedModel { get; init; }

    public required string Deployment { get; init; }

    public Guid? DeploymentId { get; init; }

    public string? Model { get; init; }

    public int? ModelVersion { get; init; }

    public string? Replica { get; init; }

    public required string RequestId { get; init; }

    public required bool Stream { get; init; }

    public required int Attempts { get; init; }

    public long? PromptTokens { get; init; }

    public long? CachedTokens { get; init; }

    public long? CompletionTokens { get; init; }

    public required bool Estimated { get; init; }

    public required string Outcome { get; init; }

    public string? Error { get; init; }

    public required int Status { get; init; }

    public required long QueuedMicros { get; init; }

    public long? FirstTokenMicros { get; init; }

    public required long TotalMicros { get; init; }

    public long? CostMicros { get; init; }

    public string? PriceVersion { get; init; }

    public string? Cache { get; init; }

    /// <summary>No column: what is counted when the row is taken.</summary>
    [JsonIgnore]
    public IReadOnlyList<Charge>? Charges { get; init; }

    public string? Guardrails { get; init; }

    public long? Images { get; init; }

    public Guid? Variant { get; init; }

    public DateTimeOffset? RolloutStep { get; init; }

    public static UsageRow From(in UsageRecord record) => new()
    {
        Id = record.Id,
        At = record.At,
        Project = Clean(record.Project),
        KeyId = record.KeyId,
        Subject = Clean(record.Subject),
        Operation = record.Operation,
        RequestedModel = Clean(record.RequestedModel),
        Deployment = Clean(record.Deployment),
        DeploymentId = record.DeploymentId,
        Model = record.Model,
        ModelVersion = record.ModelVersion,
        Replica = record.Replica,
        RequestId = Clean(record.RequestId),
        Stream = record.Stream,
        Attempts = record.Attempts,
        PromptTokens = record.PromptTokens,
        CachedTokens = record.CachedTokens,
        CompletionTokens = record.CompletionTokens,
        Estimated = record.Estimated,
        Outcome = NameOf(record.Outcome),
        Error = record.Error,
        Status = record.Status,
        QueuedMicros = record.QueuedMicros,
        FirstTokenMicros = record.FirstTokenMicros,
        TotalMicros = record.TotalMicros,
        CostMicros = record.CostMicros,
        PriceVersion = record.PriceVersion,
        Cache = record.Cache,
        Charges = record.Charges,
        Guardrails = record.Guardrails,
        Images = record.Images,
        Variant = record.Variant,
        RolloutStep = record.RolloutStep,
    };

    private static string NameOf(UsageOutcome outcome) => outcome switch
    {
        UsageOutcome.Answered => "answered",
        UsageOutcome.Refused => "refused",
        UsageOutcome.ClientLeft => "client-left",
        UsageOutcome.Deadline => "deadline",
        UsageOutcome.Interrupted => "interrupted",
        _ => "failed",
    };

    /// <summary>Postgres has no text with a zero in it; a client may have put one into a flow's name.</summary>
    private static string Clean(string text) => text.Replace('\0', '\uFFFD');
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UsageRow))]
[JsonSerializable(typeof(IList<PriceOptions>))]
internal sealed partial class UsageJson : JsonSerializerContext;
