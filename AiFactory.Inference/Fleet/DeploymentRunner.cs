using AiFactory.Contracts.Workers;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Isolation;
using AiFactory.Inference.Lifecycle;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Fleet;

/// <summary>Brings one assignment from nothing to ready, and again after a failure, each in its own time: a model waits for another only to be read into memory.</summary>
internal sealed partial class DeploymentRunner(
    DeploymentFiles files,
    IModelLoader loader,
    ModelPowers powers,
    AdapterStock adapters,
    ModelRegistry registry,
    InferenceTelemetry telemetry,
    IOptions<EngineOptions> engine,
    IOptions<WorkerOptions> worker,
    TimeProvider time,
    ILogger<DeploymentRunner> logger)
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);

    /// <summary>
    /// 1. Fetch. 2. Load. 3. Take the place of what served before (the same deployment with other weights or sizes). 4. Stay until told to go or to sleep, until the engine dies, or until a file of it is found damaged; then try again.
    /// </summary>
    /// <param name="previous">What serves this deployment now; taken over.</param>
    /// <returns>What serves when it is told to go.</returns>
    public async Task<DeployedModel?> RunAsync(ModelAssignment assignment, DeployedModel? previous, CancellationToken cancellationToken)
    {
        var serving = previous;
        (ModelAssignment Assignment, WeightsLease Lease)? held = null;
        var backOff = FirstBackOff;
        var restarts = new EngineRecovery(telemetry, assignment.Deployment, worker.Value.LongestBackOff, time);
        var toRest = false;
        var power = powers.Of(assignment.DeploymentId);
        try
        {
            while (true)
            {
                var failure = "The engine died.";
                var pause = backOff;
                var wasOff = toRest || power.IsOff;
                toRest = false;
                try
                {
                    if (wasOff)
                    {
                        var former = serving;
                        var kept = held;
                        (serving, held) = (null, null);
                        if (former is not null && former != previous && former.TakeFiles() is { } served)
                        {
                            // What another order served is not what this one is to serve.
                            kept = (former.Assignment, served);
                        }

                        held = await RestAsync(assignment, former, kept, power, cancellationToken);
                        continue;
                    }

                    if (held is { } rested && !await files.AreStillAsync(rested.Lease, cancellationToken))
                    {
                        LogChanged(logger, assignment.Deployment);
                        held = null;
                        rested.Lease.Dispose();
                    }

                    var (order, here) = (held?.Assignment ?? assignment, held?.Lease);
                    held = null;
                    var next = await LoadAsync(order, here, serving is null, cancellationToken);
                    power.IsRestarting = false;
                    LogReady(logger, assignment.Deployment, next.ContextLength);
                    if (restarts.Served() is { } recovery)
                    {
                        LogRecovered(logger, assignment.Deployment, recovery);
                    }

                    var replaced = serving;
                    serving = next;
                    backOff = FirstBackOff;
                    await (replaced?.UnloadAsync(engine.Value.DrainTimeout) ?? Task.CompletedTask);
                    (toRest, var damaged) = await ServeAsync(next, power, cancellationToken);
                    if (toRest)
                    {
                        continue;
                    }

                    serving = null;
                    if (damaged is not null)
                    {
                        // Nothing more is answered from it. Requests wait for what is fetched in its place.
                        power.IsRestarting = true;
                        registry.Set(assignment, Status(assignment, WorkerModelStates.Loading, $"{damaged} was changed or damaged on the disk: it is had anew."));
                        await next.UnloadAsync(TimeSpan.Zero);
                        continue;
                    }

                    if (next is IsolatedModel { Process.IsStopping: false } isolated)
                    {
                        // Its requests, and new ones, wait for the next process, which takes the same files.
                        power.IsRestarting = true;
                        (pause, failure) = (restarts.Died(isolated.Process.IsHung), isolated.Process.Death);
                        held = next.TakeFiles() is { } kept ? (next.Assignment, kept) : null;
                        registry.Set(assignment, Status(assignment, WorkerModelStates.Loading, $"{failure}. It is started again."));
                        await next.UnloadAsync(TimeSpan.Zero);
                        await PauseAsync(pause, power, wasOff, cancellationToken);
                        continue;
                    }

                    await next.UnloadAsync(TimeSpan.Zero);
                }
                catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    failure = error is WeightsException or GgufException or LlamaException or LoadRefusedException or EngineDiedException ? error.Message : $"{error.GetType().Name}: {error.Message}";
                    pause = error is LoadRefusedException refused ? refused.RetryAfter : backOff;
                    LogFailed(logger, error, assignment.Deployment, pause);
                }

                if (serving is null)
                {
                    power.IsRestarting = false;
                    registry.Set(assignment, Status(assignment, WorkerModelStates.Failed, failure));
                }

                await PauseAsync(pause, power, wasOff, cancellationToken);
                backOff = TimeSpan.FromTicks(Math.Min(backOff.Ticks * 2, worker.Value.LongestBackOff.Ticks));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return serving;
        }
        finally
        {
            power.IsRestarting = false;
            held?.Lease.Dispose();
        }
    }

    /// <summary>Until it is told to rest, the engine dies, or a file of it is found damaged, which it reads meanwhile.</summary>
    private async Task<(bool ToRest, string? Damaged)> ServeAsync(DeployedModel model, ModelPower power, CancellationToken cancellationToken)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var damaged = files.FindDamagedAsync(model.Files, reading.Token);
        try
        {
            var toRest = !await StayAsync(Task.WhenAny(model.Ended, damaged), power, cancellationToken);
            return (toRest, damaged.IsCompletedSuccessfully ? await damaged : null);
        }
        finally
        {
            await reading.CancelAsync();
            await ((Task)damaged).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What is asked meanwhile is done at once.</summary>
    private async Task PauseAsync(TimeSpan pause, ModelPower power, bool wasOff, CancellationToken cancellationToken)
    {
        var changed = power.NextChange;
        if (power.IsOff == wasOff && pause > TimeSpan.Zero)
        {
            await Task.WhenAny(Task.Delay(pause, time, cancellationToken), changed).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Until the engine dies, or the model is told to sleep; whoever wakes it then finds it asleep.</summary>
    /// <returns>Whether the engine died.</returns>
    internal static async Task<bool> StayAsync(Task ended, ModelPower power, CancellationToken cancellationToken)
    {
        while (!ended.IsCompleted)
        {
            power.MarkAwake();
            var changed = power.NextChange;
            if (power.IsOff)
            {
                return false;
            }

            await Task.WhenAny(ended, changed).WaitAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>1. Nobody finds the model any more; what it answers ends, and its memory is free. 2. What it served is held, so that no other takes its room, until it is woken.</summary>
    /// <param name="held">The files that are here, with the order that they complete; null when they must be had first.</param>
    /// <returns>What is to be loaded now.</returns>
    private async Task<(ModelAssignment Assignment, WeightsLease Lease)> RestAsync(
        ModelAssignment assignment, DeployedModel? serving, (ModelAssignment Assignment, WeightsLease Lease)? held, ModelPower power, CancellationToken cancellationToken)
    {
        try
        {
            registry.Set(assignment, Status(assignment, WorkerModelStates.Unloading, null));
            await (serving?.UnloadAsync(engine.Value.DrainTimeout) ?? Task.CompletedTask);
            held ??= await files.AcquireAsync(assignment, (_, _, _) => { }, cancellationToken);
            assignment = held.Value.Assignment;
            using var watch = telemetry.WatchResting(assignment.Deployment, () => new EngineLoad(0, power.Waiting, 0, 0));
            while (power.NextChange is var changed && power.IsOff)
            {
                registry.Set(assignment, Status(assignment, power.State == ModelPowerState.Unloaded ? WorkerModelStates.Unloaded : WorkerModelStates.Sleeping, "an operator sent it there"));
                await changed.WaitAsync(cancellationToken);
            }

            registry.Set(assignment, Status(assignment, WorkerModelStates.Loading, null));
            return held.Value;
        }
        catch
        {
            held?.Lease.Dispose();
            throw;
        }
    }

    /// <summary>From then on it is found.</summary>
    /// <param name="held">The files of the order, taken over; null when they must be had first.</param>
    /// <param name="tell">False while an older version serves: it stays ready until the new one is.</param>
    private async Task<DeployedModel> LoadAsync(ModelAssignment assignment, WeightsLease? held, bool tell, CancellationToken cancellationToken)
    {
        (assignment, var lease) = held is null ? await files.AcquireAsync(assignment, Tell, cancellationToken) : (assignment, held);
        try
        {
            Tell(WorkerModelStates.Loading);
            var loaded = await loader.LoadAsync(assignment, lease, cancellationToken);
            try
            {
                await adapters.EquipAsync(loaded, () => registry.Set(assignment, Status(assignment, WorkerModelStates.Ready, null, null, loaded), loaded), cancellationToken);
                return loaded;
            }
            catch
            {
                await loaded.UnloadAsync(TimeSpan.Zero);
                throw;
            }
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        void Tell(string state, double? progress = null, string? message = null)
        {
            if (tell)
            {
                registry.Set(assignment, Status(assignment, state, message, progress));
            }
        }
    }

    private static WorkerModelStatus Status(ModelAssignment assignment, string state, string? message, double? progress = null, DeployedModel? model = null) =>
        new(assignment.DeploymentId, assignment.Digest, state, message, progress, model?.MemoryBytes, model?.ContextLength);

    [LoggerMessage(3311, LogLevel.Information, "{Deployment} is ready with a context of {ContextLength} tokens")]
    private static partial void LogReady(ILogger logger, string deployment, int contextLength);

    [LoggerMessage(3314, LogLevel.Warning, "The files of {Deployment} were changed while it was not served: they are had anew")]
    private static partial void LogChanged(ILogger logger, string deployment);

    [LoggerMessage(3313, LogLevel.Warning, "{Deployment} is served again, {Recovery} after its process had ended")]
    private static partial void LogRecovered(ILogger logger, string deployment, TimeSpan recovery);

    [LoggerMessage(3312, LogLevel.Error, "{Deployment} failed, next attempt in {BackOff}")]
    private static partial void LogFailed(ILogger logger, Exception error, string deployment, TimeSpan backOff);
}
