using System.Globalization;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Deployments;

namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>
/// Decides what a rollout does now, from what is written down and nothing else:
/// 1. before the first step it waits for all of the candidate's replicas, for so long;
/// 2. in a step a candidate whose replicas are gone has failed;
/// 3. without new numbers it waits, for so long: it never goes on blind, and not unheard of either;
/// 4. numbers of enough requests are held against the gates, all the time and not only at the step's end;
/// 5. the step is over when its time is, its requests have come, and the ledger has all that had ended by then: failures may lie in a gateway's outbox longer than answers in another's;
/// 6. what has failed goes back to the baseline only where that can answer.
/// </summary>
internal static class RolloutJudge
{
    internal static RolloutDecision Decide(RolloutRow rollout, RolloutPlan plan, DeploymentRow? candidate, DeploymentRow? baseline, RolloutOptions options, DateTimeOffset now)
    {
        var decision = candidate is null || baseline is null ? new RolloutDecision.Fail($"{(candidate is null ? rollout.Candidate : rollout.Baseline)} is there no more.")
            : candidate.VersionId != rollout.CandidateVersionId || baseline.VersionId != rollout.BaselineVersionId
            ? new RolloutDecision.Halt($"Another version was deployed as {(candidate.VersionId != rollout.CandidateVersionId ? rollout.Candidate : rollout.Baseline)}: the numbers would be of two.")
            : rollout.Step < 0 ? Ready(rollout, plan, candidate, now)
            : InStep(rollout, plan, candidate, options, now);
        // Before the first step there is nothing to take back.
        return decision is RolloutDecision.Fail && rollout.Step >= 0 && plan.OnFailure == RolloutFailureActions.Rollback && CannotAnswer(baseline, rollout.Baseline) is { } reason
            ? new RolloutDecision.Halt($"{decision.Message} It is not rolled back: {reason}")
            : decision;
    }

    /// <summary>Why requests that go to this deployment now would find nobody; null where they find it.</summary>
    internal static string? CannotAnswer(DeploymentRow? deployment, string name) => deployment switch
    {
        null => $"{name} is there no more.",
        { Revoked: { } revoked } => $"The model version of {name} was revoked: {revoked}",
        { ReadyReplicas: 0 } => $"{name} has no ready replica{(deployment.Message is { } message ? $": {message}" : ".")}",
        _ => null,
    };

    private static RolloutDecision InStep(RolloutRow rollout, RolloutPlan plan, DeploymentRow candidate, RolloutOptions options, DateTimeOffset now)
    {
        if (candidate.ReadyReplicas == 0)
        {
            var reason = $"{candidate.Name} has no ready replica{(candidate.Message is { } message ? $": {message}" : ".")}";
            return candidate.Revoked is not null || now - (rollout.UnreadySince ?? now) >= options.UnreadyFor ? new RolloutDecision.Fail(reason) : new RolloutDecision.Wait(reason);
        }

        if (rollout is { Observation: { } seen, ObservedAt: { } at } && now - at <= options.StaleAfter)
        {
            var decision = Judge(rollout, plan, seen, now);
            return decision is RolloutDecision.Advance ? Settled(rollout, plan, seen, decision.Message) : decision;
        }

        // The row is written where the message is new: it does not count the seconds.
        var silent = rollout.ObservedAt is { } last ? string.Create(CultureInfo.InvariantCulture, $"No gateway has told since {last:u} what it counts") : "No gateway with a ledger has told yet what it counts in this step";
        var longest = plan.Gates.LongestWait ?? RolloutPlan.UsualLongestWait;
        return now - (rollout.ObservedAt ?? rollout.StepSince) >= longest
            ? new RolloutDecision.Halt($"{silent}, for {RolloutWords.Of(longest)} and more.")
            : new RolloutDecision.Wait($"{silent}; without new numbers it does not go on.");
    }

    /// <summary>What was good enough to go on at some time is judged once more, with all that had ended by that time.</summary>
    private static RolloutDecision Settled(RolloutRow rollout, RolloutPlan plan, RolloutObservation seen, string numbers)
    {
        if (seen is not { At: { } at, Delivered: { } delivered })
        {
            return new RolloutDecision.Wait($"The gateway that told last does not say how far the ledger is; without that it does not go on. {numbers}");
        }

        var settles = rollout.SettlesAt ?? at;
        if (delivered >= settles)
        {
            return new RolloutDecision.Advance(numbers);
        }

        var until = string.Create(CultureInfo.InvariantCulture, $"The step is over when the ledger has all that ended before {settles:u}");
        return at - settles >= (plan.Gates.LongestWait ?? RolloutPlan.UsualLongestWait)
            ? new RolloutDecision.Halt($"{until}; a gateway has not delivered that for {RolloutWords.Of(at - settles)}. {numbers}")
            : new RolloutDecision.Wait($"{until}. {numbers}", settles);
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
        var breached = seen.Candidate.Requests >= least ? Breach(rollout, gates, seen.Candidate, baseline) : null;
        // Of one that hangs nothing is answered: those who gave it up are all that is heard of it.
        if ((breached ?? (seen.Candidate.Requests + RolloutWords.Vain(seen.Candidate) >= least ? GivenUp(rollout, gates, seen.Candidate, baseline) : null)) is { } breach)
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

    private static string? GivenUp(RolloutRow rollout, RolloutGates gates, RolloutSample candidate, RolloutSample? baseline) =>
        baseline is not null && gates.MaxFailureIncrease is { } increase && RolloutWords.VainShare(candidate) - RolloutWords.VainShare(baseline) > increase
            ? $"Before a first token, and later than nearly all answers of {rollout.Baseline} end, {RolloutWords.GivenUp(rollout.Candidate, candidate)}, {RolloutWords.GivenUp(rollout.Baseline, baseline)}: at most {RolloutWords.Of(increase)} more may wait in vain."
            : null;

    /// <summary>What is worse than it may be, with the numbers of both; null when nothing is. What nobody can be compared with is held against its own bound alone.</summary>
    private static string? Breach(RolloutRow rollout, RolloutGates gates, RolloutSample candidate, RolloutSample? baseline)
    {
        var failures = $"{RolloutWords.Failures(rollout.Candidate, candidate)}{(baseline is null ? "" : $", {RolloutWords.Failures(rollout.Baseline, baseline)}")}";
        var share = gates.MaxFailureShare ?? Math.Max(RolloutPlan.UsualFailureShare, baseline is null ? 0 : RolloutWords.Share(baseline));
        if (RolloutWords.Share(candidate) > share)
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
