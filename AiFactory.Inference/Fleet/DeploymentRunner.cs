using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Lifecycle;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using AiFactory.Inference.Weights.Quantization;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Fleet;

/// <summary>Brings one assignment from nothing to ready, and again after a failure, each in its own time: a model waits for another only to be read into memory.</summary>
internal sealed partial class DeploymentRunner(
    ModelFiles files,
    QuantizedWeights quantized,
    LoadGuard guard,
    ModelPowers powers,
    MemoryBudget memory,
    ModelRegistry registry,
    InferenceTelemetry telemetry,
    IOptions<EngineOptions> engine,
    IOptions<WorkerOptions> worker,
    TimeProvider time,
    ILogger<DeploymentRunner> logger)
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);

    /// <summary>
    /// 1. Fetch. 2. Load. 3. Take the place of what served before (the same deployment with other weights or sizes). 4. Stay until told to go or to sleep, or until the engine dies; then try again.
    /// </summary>
    /// <param name="previous">What serves this deployment now; taken over.</param>
    /// <returns>What serves when it is told to go.</returns>
    public async Task<ServedModel?> RunAsync(ModelAssignment assignment, ServedModel? previous, CancellationToken cancellationToken)
    {
        var serving = previous;
        var backOff = FirstBackOff;
        var power = powers.Of(assignment.DeploymentId);
        try
        {
            while (true)
            {
                var failure = "The engine died.";
                var pause = backOff;
                try
                {
                    if (power.IsOff)
                    {
                        var former = serving;
                        serving = null;
                        await RestAsync(assignment, former, power, cancellationToken);
                        continue;
                    }

                    var next = await LoadAsync(assignment, serving is null, cancellationToken);
                    registry.Set(next.Assignment, Status(next.Assignment, WorkerModelStates.Ready, null, null, next), next);
                    LogReady(logger, assignment.Deployment, next.ContextLength);
                    var replaced = serving;
                    serving = next;
                    backOff = FirstBackOff;
                    await (replaced?.UnloadAsync(engine.Value.DrainTimeout) ?? Task.CompletedTask);
                    await StayAsync(next, power, cancellationToken);
                    if (power.IsOff)
                    {
                        continue;
                    }

                    serving = null;
                    await next.UnloadAsync(TimeSpan.Zero);
                }
                catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    failure = error is WeightsException or GgufException or LlamaException or LoadRefusedException ? error.Message : $"{error.GetType().Name}: {error.Message}";
                    pause = error is LoadRefusedException refused ? refused.RetryAfter : backOff;
                    LogFailed(logger, error, assignment.Deployment, pause);
                }

                if (serving is null)
                {
                    registry.Set(assignment, Status(assignment, WorkerModelStates.Failed, failure));
                }

                await Task.WhenAny(Task.Delay(pause, time, cancellationToken), power.NextChange).WaitAsync(cancellationToken);
                backOff = TimeSpan.FromTicks(Math.Min(backOff.Ticks * 2, worker.Value.LongestBackOff.Ticks));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return serving;
        }
    }

    /// <summary>Until the engine dies, or the model is told to sleep.</summary>
    private static async Task StayAsync(ServedModel model, ModelPower power, CancellationToken cancellationToken)
    {
        while (!power.IsOff && !model.Ended.IsCompleted)
        {
            power.MarkAwake();
            await Task.WhenAny(model.Ended, power.NextChange).WaitAsync(cancellationToken);
        }
    }

    /// <summary>1. Nobody finds the model any more; what it answers ends, and its memory is free. 2. The file is held, so that no other takes its room, until it is woken.</summary>
    private async Task RestAsync(ModelAssignment assignment, ServedModel? serving, ModelPower power, CancellationToken cancellationToken)
    {
        registry.Set(assignment, Status(assignment, WorkerModelStates.Unloading, null));
        await (serving?.UnloadAsync(engine.Value.DrainTimeout) ?? Task.CompletedTask);
        (assignment, var lease) = await files.AcquireAsync(assignment, _ => { }, cancellationToken);
        using var file = lease;
        using var watch = telemetry.WatchResting(assignment.Deployment, () => new EngineLoad(0, power.Waiting, 0, 0));
        while (power.NextChange is var changed && power.IsOff)
        {
            registry.Set(assignment, Status(assignment, power.State == ModelPowerState.Unloaded ? WorkerModelStates.Unloaded : WorkerModelStates.Sleeping, "an operator sent it there"));
            await changed.WaitAsync(cancellationToken);
        }

        registry.Set(assignment, Status(assignment, WorkerModelStates.Loading, null));
    }

    /// <param name="tell">False while an older version serves: it stays ready until the new one is.</param>
    private async Task<ServedModel> LoadAsync(ModelAssignment assignment, bool tell, CancellationToken cancellationToken)
    {
        Tell(WorkerModelStates.Fetching, 0);
        (assignment, var lease) = await files.AcquireAsync(assignment, progress => Tell(WorkerModelStates.Fetching, progress), cancellationToken);
        try
        {
            if (assignment.Quantization is { } quantization)
            {
                Tell(WorkerModelStates.Loading, null, $"It is quantised to {quantization}.");
                lease = await QuantizeAsync(assignment, quantization, lease, cancellationToken);
            }

            Tell(WorkerModelStates.Loading, null);
            return await guard.RunAsync(
                assignment.Digest,
                () =>
                {
                    var model = ServedModel.Load(assignment, lease, memory, engine.Value, telemetry, time, logger);
                    model.Model.Dying = reason => guard.Note(assignment.Digest, reason);
                    return model;
                },
                cancellationToken);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        void Tell(string state, double? progress, string? message = null)
        {
            if (tell)
            {
                registry.Set(assignment, Status(assignment, state, message, progress));
            }
        }
    }

    /// <returns>Takes the place of <paramref name="source"/>, which is let go.</returns>
    private async Task<WeightsLease> QuantizeAsync(ModelAssignment assignment, string quantization, WeightsLease source, CancellationToken cancellationToken)
    {
        var made = await quantized.AcquireAsync(
            source,
            assignment.Digest,
            quantization,
            engine.Value.EffectiveThreads,
            work => guard.PackAsync(assignment.Digest, work, cancellationToken),
            cancellationToken);
        source.Dispose();
        return made;
    }

    private static WorkerModelStatus Status(ModelAssignment assignment, string state, string? message, double? progress = null, ServedModel? model = null) =>
        new(assignment.DeploymentId, assignment.Digest, state, message, progress, model?.MemoryBytes, model?.ContextLength);

    [LoggerMessage(3311, LogLevel.Information, "{Deployment} is ready with a context of {ContextLength} tokens")]
    private static partial void LogReady(ILogger logger, string deployment, int contextLength);

    [LoggerMessage(3312, LogLevel.Error, "{Deployment} failed, next attempt in {BackOff}")]
    private static partial void LogFailed(ILogger logger, Exception error, string deployment, TimeSpan backOff);
}
