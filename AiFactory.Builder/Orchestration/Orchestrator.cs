using AiFactory.Builder.Children;
using AiFactory.Builder.Flows;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Telemetry;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Orchestration;

/// <summary>
/// Leads the runs: where something has happened it hands out the steps that follow, and ends what is over. It keeps nothing in memory that is not in the
/// database, so another goes on where it stops. Each batch is one transaction behind the fence, so a leader that has been replaced writes nothing.
/// </summary>
internal sealed partial class Orchestrator(
    MigrationState migrations,
    RunSignals signals,
    Leadership leadership,
    LeadershipStore leases,
    OrchestrationStore store,
    FlowPlans plans,
    RunDecider decider,
    Database database,
    BuilderTelemetry telemetry,
    IOptions<OrchestrationOptions> options,
    TimeProvider time,
    ILogger<Orchestrator> logger) : Loop(migrations, signals.Advance, options.Value.Poll, time, logger)
{
    private const int Batch = 64;

    /// <summary>Of the outputs that are written at once, in characters; the runs that follow wait for the next batch.</summary>
    private const int MostOutput = 16 * 1024 * 1024;

    /// <summary>The host's may have run out by then.</summary>
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);

    private readonly int _mostBytes = options.Value.MaxOutputBytes;
    private readonly TimeProvider _time = time;
    private long? _recountedBy;
    private readonly ILogger<Orchestrator> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        // 1. Only who leads may write.
        if (await leadership.EnsureAsync(cancellationToken) is not { } token)
        {
            return false;
        }

        if (_recountedBy != token)
        {
            await RecountAsync(token, cancellationToken);
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await leases.HoldAsync(transaction, token, cancellationToken))
        {
            leadership.Lose();
            return true;
        }

        // 2. What has happened, and what follows.
        var due = await store.LockDueAsync(transaction, Batch, cancellationToken);
        if (due.Count == 0)
        {
            return false;
        }

        var steps = (await store.ListStepsAsync(transaction, [.. due.Select(run => run.Id)], cancellationToken)).ToLookup(step => step.RunId);
        var changes = new List<RunChange>(due.Count);
        var room = MostOutput;
        foreach (var run in due.TakeWhile(_ => room > 0))
        {
            var change = await DecideAsync(run, steps[run.Id], cancellationToken);
            room -= change.Output?.Length ?? 0;
            changes.Add(change);
        }

        // 3. All of it, or nothing.
        var written = await WriteAsync(transaction, changes, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        foreach (var change in written.Where(change => change.Decision.End is not null))
        {
            telemetry.RunEnded(change.Decision.End ?? "");
        }

        return due.Count == Batch || changes.Count < due.Count;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var patience = new CancellationTokenSource(ReleasePatience, _time);
        try
        {
            await leadership.ReleaseAsync(patience.Token);
        }
        catch (Exception error) when (IsInfrastructure(error) || patience.IsCancellationRequested)
        {
            LogNotReleased(_logger, error);
        }
    }

    /// <summary>Once for each leadership. What cannot be counted holds up nothing else.</summary>
    private async Task RecountAsync(long token, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await leases.HoldAsync(transaction, token, cancellationToken))
        {
            return;
        }

        try
        {
            await ChildEnds.RecountAsync(transaction, _time.GetUtcNow(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception error) when (IsPermanent(error))
        {
            LogUncounted(_logger, error);
        }

        _recountedBy = token;
    }

    private async Task<RunChange> DecideAsync(DueRun run, IEnumerable<StepState> steps, CancellationToken cancellationToken)
    {
        try
        {
            var plan = await plans.GetAsync(run.FlowId, run.Revision, cancellationToken);
            var decision = decider.Decide(plan, run.CancelRequested, steps);
            if (decision.End != RunStates.Succeeded)
            {
                return RunChange.Of(run, decision, plan, null);
            }

            var given = await store.ReadOutputsAsync(run.Id, [.. plan.Outputs.Select(node => node.Id)], _mostBytes, cancellationToken);
            if (given is [{ Bytes: var bytes }, ..] && bytes > _mostBytes)
            {
                var error = $"The outputs of the flow have {bytes / 1024} KB together; up to {_mostBytes / 1024} KB are kept.";
                return RunChange.Of(run, decision with { End = RunStates.Failed, Error = error }, plan, null);
            }

            var outputs = given.ToDictionary(row => row.Node, row => row.Output, StringComparer.Ordinal);
            return RunChange.Of(run, decision, plan, MergedOutput.Of(plan.Outputs.Select(node => outputs.GetValueOrDefault(node.Id)).OfType<string>()));
        }
        catch (Exception error) when (IsPermanent(error))
        {
            // It would be so again: one run ends, and the others go on.
            LogGivenUp(_logger, error, run.Id);
            return RunChange.GivenUp(run);
        }
    }

    /// <summary>All at once. When the database refuses that for good, one by one: the one that it refuses is given up.</summary>
    private async Task<List<RunChange>> WriteAsync(DatabaseTransaction transaction, List<RunChange> changes, CancellationToken cancellationToken)
    {
        if (await TryWriteAsync(transaction, changes, cancellationToken))
        {
            return changes;
        }

        var written = new List<RunChange>(changes.Count);
        foreach (var change in changes)
        {
            foreach (var attempt in (RunChange[])[change, RunChange.GivenUp(change.Run)])
            {
                if (await TryWriteAsync(transaction, [attempt], cancellationToken))
                {
                    written.Add(attempt);
                    break;
                }
            }
        }

        return written;
    }

    private async Task<bool> TryWriteAsync(DatabaseTransaction transaction, List<RunChange> changes, CancellationToken cancellationToken)
    {
        await store.SaveAsync(transaction, cancellationToken);
        try
        {
            await store.WriteAsync(transaction, changes, _time.GetUtcNow(), cancellationToken);
            return true;
        }
        catch (Exception error) when (IsPermanent(error))
        {
            LogUnwritable(_logger, error, changes.Count, changes[0].Run.Id);
            await store.GoBackAsync(transaction, cancellationToken);
            return false;
        }
    }

    private static bool IsPermanent(Exception error) => error is not OperationCanceledException && !IsAway(error);

    [LoggerMessage(4311, LogLevel.Warning, "The leadership could not be given up; another leads when it has run out")]
    private static partial void LogNotReleased(ILogger logger, Exception error);

    [LoggerMessage(4314, LogLevel.Error, "What waiting steps have begun could not be counted anew; one that was miscounted before waits until the next leadership")]
    private static partial void LogUncounted(ILogger logger, Exception error);

    [LoggerMessage(4312, LogLevel.Error, "The run {RunId} cannot be carried on and has failed")]
    private static partial void LogGivenUp(ILogger logger, Exception error, Guid runId);

    [LoggerMessage(4313, LogLevel.Error, "What follows in {Count} runs cannot be written; the first is {RunId}")]
    private static partial void LogUnwritable(ILogger logger, Exception error, int count, Guid runId);
}
