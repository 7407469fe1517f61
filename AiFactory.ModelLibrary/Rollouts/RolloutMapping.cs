using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;

namespace AiFactory.ModelLibrary.Rollouts;

internal static class RolloutMapping
{
    internal static RolloutResponse ToResponse(RolloutRow row)
    {
        var plan = RolloutPlan.Read(row.Plan);
        return new RolloutResponse(
            row.Id,
            row.Project,
            row.Deployment,
            row.Candidate,
            row.Baseline,
            plan.Strategy,
            row.State,
            row.Step,
            row.StepSince,
            row.Percent(plan),
            row.Message,
            plan.Steps,
            plan.Gates,
            plan.ReadyWithin,
            plan.OnFailure,
            row.Observation,
            row.ObservedAt,
            row.CreatedBy,
            row.CreatedAt,
            row.UpdatedAt,
            row.EndedAt);
    }

    /// <summary>What gateways are told: nothing of one whose numbers decide nothing now.</summary>
    internal static RolloutRoute ToRoute(RolloutRow row, Guid baseline, Guid candidate) =>
        RolloutPlan.Read(row.Plan).Gates is var gates && (gates.MaxP99Ratio ?? gates.MaxP95Ratio) is { } most
            ? new(row.Id, row.Step, row.StepSince, row.CreatedAt, baseline, candidate) { MostRatio = most }
            : new(row.Id, row.Step, row.StepSince, row.CreatedAt, baseline, candidate);

    internal static object ToAudit(RolloutRow row) =>
        new { row.Id, row.Candidate, row.Baseline, row.State, row.Step, Percent = row.Percent(RolloutPlan.Read(row.Plan)) };
}
