using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>
/// Moves the shares. A step is taken in one transaction that holds the rollout's row, so two libraries never take it twice, and a library that ends in between has taken all of it or nothing; with
/// no library the last shares stay.
/// </summary>
internal sealed partial class RolloutController(
    MigrationState migrations,
    Database database,
    RolloutStore rollouts,
    DeploymentStore deployments,
    RolloutMoves moves,
    LibrarySignals signals,
    IOptions<RolloutOptions> options,
    TimeProvider time,
    ILogger<RolloutController> logger) : Loop(migrations, signals.Rollout, TimeSpan.FromSeconds(1), time, logger)
{
    internal const string Actor = "system:rollouts";

    private readonly TimeProvider _time = time;
    private readonly ILogger<RolloutController> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        foreach (var rollout in await rollouts.ListRunningAsync(cancellationToken))
        {
            await StepAsync(rollout.Id, cancellationToken);
        }

        return false;
    }

    private async Task StepAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await rollouts.TryLockRunningAsync(transaction, id, cancellationToken) is not { } locked)
        {
            return;
        }

        var plan = RolloutPlan.Read(locked.Plan);
        var candidate = await deployments.FindAsync(transaction, locked.Project, locked.Candidate, cancellationToken);
        var baseline = await deployments.FindAsync(transaction, locked.Project, locked.Baseline, cancellationToken);
        var now = _time.GetUtcNow();
        var rollout = locked with { UnreadySince = candidate is { ReadyReplicas: > 0 } ? null : locked.UnreadySince ?? now };
        var decision = RolloutJudge.Decide(rollout, plan, candidate, baseline, options.Value, now);
        var isLast = rollout.Step == plan.Steps.Count - 1;
        var (state, step, action) = decision switch
        {
            RolloutDecision.Advance when isLast => (RolloutStates.Completed, rollout.Step, "rollout.completed"),
            RolloutDecision.Advance => (RolloutStates.Running, rollout.Step + 1, "rollout.advanced"),
            RolloutDecision.Fail when plan.OnFailure == RolloutFailureActions.Rollback => (RolloutStates.RolledBack, rollout.Step, "rollout.rolled-back"),
            RolloutDecision.Fail or RolloutDecision.Halt => (RolloutStates.Halted, rollout.Step, "rollout.halted"),
            _ => ("", rollout.Step, ""),
        };
        if (state.Length == 0)
        {
            // Nothing is to be done: what is waited for is said where it is new.
            if (rollout with { Message = decision.Message, SettlesAt = (decision as RolloutDecision.Wait)?.SettlesAt ?? rollout.SettlesAt } is var waiting && waiting != locked)
            {
                await rollouts.UpdateAsync(transaction, waiting, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }

            return;
        }

        var after = await moves.MoveAsync(transaction, rollout, state, step, decision.Message, action, Actor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        moves.Wake();
        // What ends otherwise than planned wants a person.
        var percent = after.Percent(plan);
        LogMoved(_logger, decision is RolloutDecision.Advance ? LogLevel.Information : LogLevel.Warning, rollout.Project, rollout.Deployment, rollout.Candidate, percent, state, decision.Message);
    }

    [LoggerMessage(EventId = 2801, Message = "The rollout of {Project}/{Deployment} to {Candidate} is {State} at {Percent} %. {Message}")]
    private static partial void LogMoved(ILogger logger, LogLevel level, string project, string deployment, string candidate, int percent, string state, string message);
}
