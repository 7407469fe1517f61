using System.Text.Json;
using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>What a rollout does, whatever its strategy is called: it waits for the candidate, takes step after step, and is held against its gates in each.</summary>
/// <param name="Gates">With a value wherever there is a usual one, but for the share that may fail: the usual one is not held against who fails no more than the baseline.</param>
internal sealed record RolloutPlan(string Strategy, IReadOnlyList<RolloutStep> Steps, RolloutGates Gates, TimeSpan ReadyWithin, string OnFailure)
{
    internal const double UsualFailureShare = 0.05;
    internal const double UsualFailureIncrease = 0.02;
    internal const int UsualRequests = 50;

    internal static readonly TimeSpan UsualLongestWait = TimeSpan.FromHours(1);
    internal static readonly TimeSpan UsualWatch = TimeSpan.FromMinutes(10);
    internal static readonly TimeSpan UsualReadyWithin = TimeSpan.FromMinutes(10);

    internal static RolloutPlan From(RolloutRequest request)
    {
        var gates = request.Gates ?? new RolloutGates();
        return new RolloutPlan(
            request.Strategy,
            request.Strategy == RolloutStrategies.BlueGreen ? [new RolloutStep(100, request.Watch ?? UsualWatch)] : request.Steps ?? [],
            gates with
            {
                MaxFailureIncrease = gates.MaxFailureIncrease ?? UsualFailureIncrease,
                MinRequests = gates.MinRequests ?? UsualRequests,
                LongestWait = gates.LongestWait ?? UsualLongestWait,
            },
            request.ReadyWithin ?? UsualReadyWithin,
            request.OnFailure ?? RolloutFailureActions.Rollback);
    }

    internal static RolloutPlan Read(string json) =>
        JsonSerializer.Deserialize<RolloutPlan>(json, JsonSerializerOptions.Web) ?? throw new InvalidOperationException("A rollout has no plan.");

    internal string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
