namespace AiFactory.Contracts.Library;

/// <summary>What a gateway's ledger says of a step.</summary>
/// <param name="Step">From 0 on.</param>
/// <param name="Since">When the step began, as the gateway was told: what was counted before it began anew is not of it.</param>
/// <param name="Baseline">In the same step.</param>
/// <param name="Before">The baseline in the hour before the rollout began.</param>
public sealed record RolloutObservation(int Step, DateTimeOffset Since, RolloutSample Candidate, RolloutSample Baseline, RolloutSample Before)
{
    /// <summary>When the ledger was read, by its own clock.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Up to when the ledger has all that ended, on every gateway that was heard in the last two minutes; by the same clock.</summary>
    public DateTimeOffset? Delivered { get; init; }
}
