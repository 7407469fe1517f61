namespace AiFactory.Contracts.Routing;

/// <summary>A rollout whose numbers the library wants to hear: gateways with a ledger tell them now and then.</summary>
/// <param name="Step">From 0 on.</param>
/// <param name="Since">When the step began.</param>
/// <param name="Began">When the rollout did.</param>
/// <param name="Baseline">The id of the deployment that answered before.</param>
/// <param name="Candidate">The id of the one that is to.</param>
public sealed record RolloutRoute(Guid Id, int Step, DateTimeOffset Since, DateTimeOffset Began, Guid Baseline, Guid Candidate)
{
    /// <summary>How many times the baseline's p99 a request may take before anything comes; one that is open for longer hangs.</summary>
    public double MostRatio { get; init; } = 3;
}
