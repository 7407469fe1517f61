using System.Text.Json;
using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Rollouts;

internal sealed record RolloutRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    /// <summary>The name that clients send.</summary>
    public required string Deployment { get; init; }

    public required string Candidate { get; init; }

    public required string Baseline { get; init; }

    public required Guid CandidateVersionId { get; init; }

    public required Guid BaselineVersionId { get; init; }

    /// <summary>JSON of <see cref="RolloutPlan"/>.</summary>
    public required string Plan { get; init; }

    /// <summary>One of <see cref="RolloutStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>-1 while it waits for the candidate's replicas.</summary>
    public required int Step { get; init; }

    public required DateTimeOffset StepSince { get; init; }

    /// <summary>Since when the candidate has no replica, in a step.</summary>
    public DateTimeOffset? UnreadySince { get; init; }

    /// <summary>When the numbers of this step were first good enough to end it, by the ledger's clock: it ends when all that had ended by then is in them. Null while they are not.</summary>
    public DateTimeOffset? SettlesAt { get; init; }

    public required string Message { get; init; }

    /// <summary>JSON of <see cref="RolloutObservation"/>, of this step.</summary>
    public string? Observed { get; init; }

    public DateTimeOffset? ObservedAt { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    internal RolloutObservation? Observation => Observed is null ? null : JsonSerializer.Deserialize<RolloutObservation>(Observed, JsonSerializerOptions.Web);

    /// <summary>The candidate's share now.</summary>
    internal int Percent(RolloutPlan plan) => State switch
    {
        RolloutStates.Completed => 100,
        RolloutStates.RolledBack or RolloutStates.Cancelled => 0,
        _ => Step < 0 ? 0 : plan.Steps[Step].Percent,
    };
}
