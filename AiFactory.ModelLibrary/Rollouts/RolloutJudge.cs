using System.Globalization;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Deployments;

namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>
/// Decides what a rollout does now, from what is written down and nothing else:
/// 1. before the first step it waits for all of the candidate's replicas, for so long;
/// 2. in a step a candidate whose replicas are gone has failed;
/// 3. without new numbers it waits: it never goes on blind;
/// 4. numbers of enough requests are held against the gates, all the time and not only at the step's end;
/// 5. the step is over when its time is, and its requests have come.
/// </summary>
internal static class RolloutJudge
{
    internal static RolloutDecision Decide(RolloutRow rollout, RolloutPlan plan, DeploymentRow candidate, RolloutOptions options, DateTimeOffset now)
    {
        if (rollout.Step < 0)
        {
            return Ready(rollout, plan, candidate, now);
        }

        if (candidate.ReadyReplicas == 0)
        {
            var reason = $"{candidate.Name} has no ready replica{(candidate.Message is { } message ? $": {message}" : ".")}";
            return candidate.Revoked is not null || now - (rollout.UnreadySince ?? now) >= options.UnreadyFor ? new RolloutDecision.Fail(reason) : new RolloutDecision.Wait(reason);
        }

        return rollout.Observation is not { } seen || rollout.ObservedAt is not { } at
            ? new RolloutDecision.Wait("No gateway with a ledger has told yet what it counts in this step; without numbers it does not go on.")
            : now - at > options.StaleAfter
            ? new RolloutDecision.Wait($"No gateway has told for {RolloutWords.Of(now - at)} what it counts; without new numbers it does not go on.")
            : Judge(rollout, plan, seen, now);
    }

    private static RolloutDecision Ready(RolloutRow rollout, RolloutPlan plan, DeploymentRow candidate, DateTimeOffset now)
    {
        if (candidate.Phase == DeploymentPhases.Ready)
        {
            return new RolloutDecision.Advance(string.Create(CultureInfo.InvariantCulture, $"{candidate.Name} is ready, with {candidate.ReadyReplicas} of {candidate.Replicas} replicas."));
        }

        var standing = $"{candidate.Name} is {candidate.Phase}{(candidate.Message is { } message ? $": {message}" : ".")}";
        return candidate.Revoked is not null || now >= rollout.StepSince + plan.ReadyWithin
            ? new RolloutDecision.Fail($"{candidate.Name} was not ready within {RolloutWords.Of(plan.ReadyWithin)}, and {rollout.Baseline} goes on serving. {standing}")
            : new RolloutDecision.Wait($"It waits until all replicas of {candidate.Name} are ready. {standing}");
    }

    private static RolloutDecision Judge(RolloutRow rollout, RolloutPlan plan, RolloutObservation seen, DateTimeOffset now)
    {
        var (step, gates) = (plan.Steps[rollout.Step], plan.Gates);
        var least = Math.Max(1, gates.MinRequests ?? RolloutPlan.UsualRequests);
        var baseline = seen.Baseline.Requests >= least ? seen.Baseline : seen.Before.Requests >= least ? seen.Before : null;
        if (seen.Candidate.Requests >= least && Breach(rollout, gates, seen.Candidate, baseline) is { } breach)
        {
            return new RolloutDecision.Fail(breach);
        }

        var numbers = $"{RolloutWords.Failures(rollout.Candidate, seen.Candidate)}, {RolloutWords.Failures(rollout.Baseline, baseline ?? seen.Baseline)}.";
        var needed = Math.Max(step.Requests ?? 0, gates.MinRequests ?? RolloutPlan.UsualRequests);
        if (seen.Candidate.Requests < needed)
        {
            var longest = gates.LongestWait ?? RolloutPlan.UsualLongestWait;
            var asked = string.Create(CultureInfo.InvariantCulture, $"{rollout.Candidate} had {seen.Candidate.Requests} of the {needed} requests that this step needs");
            return now >= rollout.StepSince + longest && now >= rollout.StepSince + (step.Duration ?? TimeSpan.Zero)
                ? new RolloutDecision.Halt($"{asked} in {RolloutWords.Of(now - rollout.StepSince)}: that is too few to tell.")
                : new RolloutDecision.Wait($"{asked}. {numbers}");
        }

        return now < rollout.StepSince + (step.Duration ?? TimeSpan.Zero)
            ? new RolloutDecision.Wait($"This step takes {RolloutWords.Of(step.Duration ?? TimeSpan.Zero)}. {numbers}")
            : new RolloutDecision.Advance(numbers);
    }

    /// <summary>What is worse than it may be, with the numbers of both; null when nothing is. What nobody can be compared with is held against its own bound alone.</summary>
    private static string? Breach(RolloutRow rollout, RolloutGates gates, RolloutSample candidate, RolloutSample? baseline)
    {
        var failures = $"{RolloutWords.Failures(rollout.Candidate, candidate)}{(baseline is null ? "" : $", {RolloutWords.Failures(rollout.Baseline, baseline)}")}";
        if (gates.MaxFailureShare is { } share && RolloutWords.Share(candidate) > share)
        {
            return $"{failures}: at most {RolloutWords.Of(share)} may fail.";
        }

        if (baseline is null)
        {
            return null;
        }

        return gates.MaxFailureIncrease is { } increase && RolloutWords.Share(candidate) - RolloutWords.Share(baseline) > increase
            ? $"{failures}: at most {RolloutWords.Of(increase)} more may fail."
            : Slower("p95", candidate.P95, baseline.P95, gates.MaxP95Ratio) ?? Slower("p99", candidate.P99, baseline.P99, gates.MaxP99Ratio);

        string? Slower(string name, double? one, double? other, double? most) => one is { } its && other is > 0 and var usual && its / usual > most
            ? $"The {name} of {rollout.Candidate} is {RolloutWords.Seconds(its)}, that of {rollout.Baseline} {RolloutWords.Seconds(usual)}: {RolloutWords.Times(its / usual)} as long, and at most {RolloutWords.Times(most ?? 0)} is allowed."
            : null;
    }
}
