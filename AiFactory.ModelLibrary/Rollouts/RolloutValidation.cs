using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Rollouts;

internal static class RolloutValidation
{
    private const int MostSteps = 20;

    /// <summary>Gateways tell of as many, the newest, of each deployment.</summary>
    private const int MostRequests = 100_000;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);
    private static readonly TimeSpan LongestReady = TimeSpan.FromDays(1);

    internal static FieldErrors Check(string deployment, RolloutRequest request)
    {
        var errors = new FieldErrors();
        errors.Require(DeploymentValidation.IsName(request.Candidate), "candidate", $"Name the deployment that is to answer requests for '{deployment}'.");
        errors.Require(request.Strategy is RolloutStrategies.Canary or RolloutStrategies.BlueGreen, "strategy", $"Use '{RolloutStrategies.Canary}' or '{RolloutStrategies.BlueGreen}'.");
        errors.Require(request.OnFailure is null or RolloutFailureActions.Halt or RolloutFailureActions.Rollback, "onFailure", $"Use '{RolloutFailureActions.Halt}' or '{RolloutFailureActions.Rollback}'.");
        errors.Require(request.ReadyWithin is null || (request.ReadyWithin > TimeSpan.Zero && request.ReadyWithin <= LongestReady), "readyWithin", "Use more than nothing and at most one day (1.00:00:00).");
        if (request.Strategy == RolloutStrategies.BlueGreen)
        {
            errors.Require(request.Steps is null, "steps", "A blue-green rollout switches at once: leave them out, and say with 'watch' how long it is watched.");
            errors.Require(IsTime(request.Watch), "watch", "Use more than nothing and at most thirty days (30.00:00:00).");
        }
        else
        {
            errors.Require(request.Watch is null, "watch", "Each step of a canary has its own 'duration': leave it out.");
            CheckSteps(request.Steps ?? [], errors);
        }

        Check(request.Gates ?? new RolloutGates(), errors);
        return errors;
    }

    private static void CheckSteps(IReadOnlyList<RolloutStep> steps, FieldErrors errors)
    {
        errors.Require(steps.Count is >= 1 and <= MostSteps, "steps", $"A canary has 1 to {MostSteps}.");
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i] is not { } step)
            {
                errors.Add("steps", "Each has a share.");
                continue;
            }

            errors.Require(step.Percent is >= 1 and <= 100 && (i == 0 || step.Percent > (steps[i - 1]?.Percent ?? 0)), $"steps[{i}].percent", "Use 1 to 100, and more than the step before.");
            errors.Require(IsTime(step.Duration), $"steps[{i}].duration", "Use more than nothing and at most thirty days (30.00:00:00).");
            errors.Require(step.Requests is null or (>= 1 and <= MostRequests), $"steps[{i}].requests", $"Use 1 to {MostRequests}.");
            errors.Require(step.Duration is not null || step.Requests is not null, $"steps[{i}]", "Say how long it takes ('duration'), or how many requests ('requests').");
        }
    }

    private static void Check(RolloutGates gates, FieldErrors errors)
    {
        errors.Require(gates.MaxFailureShare is null or (>= 0 and <= 1), "gates.maxFailureShare", "Use 0 to 1, where 0.05 is 5 %.");
        errors.Require(gates.MaxFailureIncrease is null or (>= 0 and <= 1), "gates.maxFailureIncrease", "Use 0 to 1, where 0.02 is 2 % more.");
        errors.Require(gates.MaxP95Ratio is null or (>= 1 and <= 1000), "gates.maxP95Ratio", "Use 1 to 1000, where 1.5 is half as long again.");
        errors.Require(gates.MaxP99Ratio is null or (>= 1 and <= 1000), "gates.maxP99Ratio", "Use 1 to 1000, where 1.5 is half as long again.");
        errors.Require(gates.MinRequests is null or (>= 0 and <= MostRequests), "gates.minRequests", $"Use 0 to {MostRequests}.");
        errors.Require(IsTime(gates.LongestWait), "gates.longestWait", "Use more than nothing and at most thirty days (30.00:00:00).");
    }

    private static bool IsTime(TimeSpan? time) => time is null || (time > TimeSpan.Zero && time <= Longest);
}
