namespace AiFactory.Contracts.Library;

/// <param name="Baseline">The deployment that answered before.</param>
/// <param name="State">One of <see cref="RolloutStates"/>.</param>
/// <param name="Step">From 0 on; -1 while it waits for the candidate's replicas.</param>
/// <param name="StepSince">When the step began, or began anew.</param>
/// <param name="Percent">The candidate's share now.</param>
/// <param name="Message">What it waits for, or why it ended, with the numbers of both.</param>
/// <param name="Gates">With what holds where the request said nothing.</param>
/// <param name="Observed">What a gateway told last; null before the first time.</param>
public sealed record RolloutResponse(
    Guid Id,
    string Project,
    string Deployment,
    string Candidate,
    string Baseline,
    string Strategy,
    string State,
    int Step,
    DateTimeOffset StepSince,
    int Percent,
    string Message,
    IReadOnlyList<RolloutStep> Steps,
    RolloutGates Gates,
    TimeSpan ReadyWithin,
    string OnFailure,
    RolloutObservation? Observed,
    DateTimeOffset? ObservedAt,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? EndedAt);
