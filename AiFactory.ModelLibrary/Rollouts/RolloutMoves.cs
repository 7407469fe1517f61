using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>
/// Takes a rollout from one state to another, with the shares that it has there and the audit, in the transaction that holds its row: all of it happens, or nothing, and whoever comes next finds
/// it done.
/// </summary>
internal sealed class RolloutMoves(RolloutStore rollouts, DeploymentStore deployments, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    /// <param name="before">As it is locked.</param>
    /// <param name="state">One of <see cref="RolloutStates"/>.</param>
    /// <param name="step">Begun anew: what was counted before counts no more.</param>
    internal async Task<RolloutRow> MoveAsync(
        DatabaseTransaction transaction, RolloutRow before, string state, int step, string message, string action, string actor, CancellationToken cancellationToken)
    {
        var (now, plan) = (Instant(time), RolloutPlan.Read(before.Plan));
        var begins = state == RolloutStates.Running;
        var after = before with
        {
            State = state,
            Step = step,
            StepSince = begins ? now : before.StepSince,
            UnreadySince = null,
            SettlesAt = null,
            Message = message,
            Observed = begins ? null : before.Observed,
            ObservedAt = begins ? null : before.ObservedAt,
            UpdatedAt = now,
            EndedAt = state is RolloutStates.Running or RolloutStates.Paused or RolloutStates.Halted ? null : now,
        };
        await rollouts.UpdateAsync(transaction, after, cancellationToken);
        if (await deployments.LockAsync(transaction, after.Project, after.Deployment, cancellationToken) is { } deployment)
        {
            var traffic = RolloutShares.Apply(DeploymentTraffic.Read(deployment.Traffic), after.Deployment, after.Candidate, after.Baseline, after.Percent(plan));
            await deployments.SetTrafficAsync(transaction, deployment.Id, DeploymentTraffic.ToJson(traffic), actor, now, cancellationToken);
        }

        await audit.AppendAsync(
            transaction,
            new AuditEntry(after.Project, actor, action, $"deployment/{after.Deployment}") { Before = RolloutMapping.ToAudit(before), After = RolloutMapping.ToAudit(after), Reason = message },
            cancellationToken);
        return after;
    }

    /// <summary>After the commit.</summary>
    internal void Wake()
    {
        signals.Rollout.Raise();
        signals.Publish.Raise();
    }

    /// <summary>As Postgres keeps it: a step is told apart from the same step begun anew by when it began, which goes to gateways and comes back.</summary>
    internal static DateTimeOffset Instant(TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
