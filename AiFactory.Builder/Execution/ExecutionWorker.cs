using AiFactory.Builder.Children;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Steps;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Execution;

/// <summary>Claims steps while it has room for them, and sees each to its answer.</summary>
internal sealed partial class ExecutionWorker(
    MigrationState migrations,
    RunSignals signals,
    ClaimStore claims,
    ChildStore children,
    RunningSteps running,
    StepRunner runner,
    IOptions<ExecutionOptions> options,
    TimeProvider time,
    ILogger<ExecutionWorker> logger) : Loop(migrations, signals.Ready, options.Value.Poll, time, logger)
{
    /// <summary>Steps taken by one statement: it locks their runs for a moment.</summary>
    private const int Batch = 8;

    /// <summary>How often a step is put off that finds no room for its runs, a minute each time.</summary>
    private const int MostPostponed = 720;

    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerPause = TimeSpan.FromMilliseconds(500);

    private readonly string _owner = $"{Environment.MachineName}/{Environment.ProcessId}";
    private readonly ExecutionOptions _options = options.Value;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task? _givenBack;
    private readonly TimeProvider _time = time;
    private readonly ILogger<ExecutionWorker> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var room = Math.Min(Batch, _options.Concurrency - running.Count);
        if (room <= 0)
        {
            return false;
        }

        var claimed = await claims.ClaimAsync(_owner, _options.Lease, room, _options.MostOfOneProject, _time.GetUtcNow(), cancellationToken);
        foreach (var claim in claimed)
        {
            var step = new RunningStep(claim, _stopping.Token);
            running.Add(step);
            _ = Task.Run(() => RunAsync(step), CancellationToken.None);
        }

        return claimed.Count == room;
    }

    /// <summary>What still runs is given back, so that another executor goes on with it at once.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Task givenBack;
        lock (_gate)
        {
            // A host may be stopped by two at once, and goes on to dispose of the database as soon as one of them has ended.
            givenBack = _givenBack ??= GiveBackAsync();
        }

        await givenBack;
    }

    private async Task GiveBackAsync()
    {
        var open = running.Claims;
        await _stopping.CancelAsync();
        if (open.Count == 0)
        {
            return;
        }

        // The host's patience may have run out by now, and without this the steps wait for their leases.
        using var patience = new CancellationTokenSource(ReleasePatience, _time);
        try
        {
            await claims.ReleaseAsync(open, patience.Token);
        }
        catch (Exception error) when (IsInfrastructure(error) || patience.IsCancellationRequested)
        {
            LogNotReleased(_logger, error, open.Count);
        }
    }

    public override void Dispose()
    {
        lock (_gate)
        {
            _givenBack ??= Task.CompletedTask;
        }

        _stopping.Dispose();
        base.Dispose();
    }

    private async Task RunAsync(RunningStep step)
    {
        try
        {
            if (await AttemptAsync(step) is { } answer)
            {
                await AnswerAsync(step, answer);
            }
        }
        catch (OperationCanceledException) when (step.IsDropped || step.IsStopping)
        {
        }
        catch (Exception error)
        {
            // Nobody awaits this task. The claim runs out, and the step is run again.
            LogLost(_logger, error, step.Claim.Node, step.Claim.RunId);
        }
        finally
        {
            running.Remove(step);
            step.Dispose();
            signals.Ready.Raise();
        }
    }

    private async Task<StepAnswer?> AttemptAsync(RunningStep step)
    {
        var claim = step.Claim;
        if (claim.Attempt - claim.AttemptsBefore - claim.Failures > _options.Losses + 1)
        {
            return StepAnswers.Failed(new StepOutcome.Failed($"The step was begun {claim.Attempt} times, and its executor was lost each time.", IsTransient: false), null, _time.GetUtcNow());
        }

        var outcome = await runner.RunAsync(claim, step.Token);
        step.Token.ThrowIfCancellationRequested();
        var now = _time.GetUtcNow();
        try
        {
            switch (outcome)
            {
                case StepOutcome.Done done:
                    return StepAnswers.Succeeded(done, now);

                case StepOutcome.Began began:
                    return StepAnswers.Began(began.Batch, now);

                // It waits for room as long as it takes the project's other runs, within half a day or so.
                case StepOutcome.Failed { IsForRoom: true } full when claim.AttemptsBefore < MostPostponed:
                    return StepAnswers.Postponed(full, StepPolicy.Pause(claim.AttemptsBefore + 1), now);

                case StepOutcome.Failed failed:
                    var again = failed.IsTransient && claim.Failures < await runner.RetriesAsync(claim, step.Token);
                    return StepAnswers.Failed(failed, again ? StepPolicy.Pause(claim.Failures + 1) : null, now);

                default:
                    throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome.");
            }
        }
        catch (Exception error) when (error is not OperationCanceledException && !IsAway(error))
        {
            // The work is done: to lose the claim would only do it again.
            LogUnwritable(_logger, error, claim.Node, claim.RunId);
            return StepAnswers.Unwritable(now);
        }
    }

    /// <summary>
    /// The work is done: while the database is away, its answer waits; an answer that the database refuses is a failure, and one that it refuses even then is let
    /// go. Whether it still counts, the claim's token decides.
    /// </summary>
    private async Task AnswerAsync(RunningStep step, StepAnswer answer)
    {
        var isUnwritable = false;
        while (true)
        {
            try
            {
                var isTaken = answer.Children is { } begun
                    ? await children.BeginAsync(step.Claim, begun, answer.At, step.Token)
                    : await claims.AnswerAsync(step.Claim, answer, step.Token);
                if (!isTaken)
                {
                    LogRefused(_logger, step.Claim.Node, step.Claim.Attempt, step.Claim.RunId);
                }

                return;
            }
            catch (Exception error) when (!isUnwritable && error is not OperationCanceledException && !IsAway(error))
            {
                LogUnwritable(_logger, error, step.Claim.Node, step.Claim.RunId);
                answer = StepAnswers.Unwritable(_time.GetUtcNow());
                isUnwritable = true;
            }
            catch (Exception error) when (IsAway(error))
            {
                LogWaits(_logger, error, step.Claim.Node, step.Claim.RunId);
                await Task.Delay(AnswerPause, _time, step.Token);
            }
        }
    }

    [LoggerMessage(4211, LogLevel.Error, "The step {Node} of run {RunId} was lost; it is run again when its claim has run out")]
    private static partial void LogLost(ILogger logger, Exception error, string node, Guid runId);

    [LoggerMessage(4212, LogLevel.Information, "The answer of step {Node}, attempt {Attempt}, of run {RunId} was refused: another executor has the step, or the run has ended")]
    private static partial void LogRefused(ILogger logger, string node, int attempt, Guid runId);

    [LoggerMessage(4213, LogLevel.Warning, "The answer of step {Node} of run {RunId} could not be written and is written again")]
    private static partial void LogWaits(ILogger logger, Exception error, string node, Guid runId);

    [LoggerMessage(4214, LogLevel.Warning, "{Count} steps could not be given back; they are run again when their claims have run out")]
    private static partial void LogNotReleased(ILogger logger, Exception error, int count);

    [LoggerMessage(4215, LogLevel.Error, "What the step {Node} of run {RunId} gave cannot be written; the step has failed")]
    private static partial void LogUnwritable(ILogger logger, Exception error, string node, Guid runId);
}
