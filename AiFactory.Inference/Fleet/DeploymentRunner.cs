using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Fleet;

/// <summary>Brings one assignment from nothing to ready, and again after a failure, each in its own time: a model waits for another only to be read into memory.</summary>
internal sealed partial class DeploymentRunner(
    ModelFiles files,
    LoadGuard guard,
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
    /// 1. Fetch. 2. Load. 3. Take the place of what served before (the same deployment with other weights or sizes). 4. Stay until told to go, or until the engine dies; then try again.
    /// </summary>
    /// <param name="previous">What serves this deployment now; taken over.</param>
    /// <returns>What serves when it is told to go.</returns>
    public async Task<ServedModel?> RunAsync(ModelAssignment assignment, ServedModel? previous, CancellationToken cancellationToken)
    {
        var serving = previous;
        var backOff = FirstBackOff;
        try
        {
            while (true)
            {
                var failure = "The engine died.";
                var pause = backOff;
                try
                {
                    var next = await LoadAsync(assignment, serving is null, cancellationToken);
                    registry.Set(next.Assignment, Status(next.Assignment, WorkerModelStates.Ready, null, null, next), next);
                    LogReady(logger, assignment.Deployment, next.ContextLength);
                    var replaced = serving;
                    serving = next;
                    backOff = FirstBackOff;
                    await (replaced?.UnloadAsync(engine.Value.DrainTimeout) ?? Task.CompletedTask);
                    await next.Ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    cancellationToken.ThrowIfCancellationRequested();
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

                await Task.Delay(pause, time, cancellationToken);
                backOff = TimeSpan.FromTicks(Math.Min(backOff.Ticks * 2, worker.Value.LongestBackOff.Ticks));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return serving;
        }
    }

    /// <param name="tell">False while an older version serves: it stays ready until the new one is.</param>
    private async Task<ServedModel> LoadAsync(ModelAssignment assignment, bool tell, CancellationToken cancellationToken)
    {
        Tell(WorkerModelStates.Fetching, 0);
        (assignment, var lease) = await files.AcquireAsync(assignment, progress => Tell(WorkerModelStates.Fetching, progress), cancellationToken);
        try
        {
            Tell(WorkerModelStates.Loading, null);
            return await guard.RunAsync(
                assignment.Digest, () => ServedModel.Load(assignment, lease, memory, engine.Value, telemetry, time, logger), cancellationToken);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        void Tell(string state, double? progress)
        {
            if (tell)
            {
                registry.Set(assignment, Status(assignment, state, null, progress));
            }
        }
    }

    private static WorkerModelStatus Status(ModelAssignment assignment, string state, string? message, double? progress = null, ServedModel? model = null) =>
        new(assignment.DeploymentId, assignment.Digest, state, message, progress, model?.MemoryBytes, model?.ContextLength);

    [LoggerMessage(3311, LogLevel.Information, "{Deployment} is ready with a context of {ContextLength} tokens")]
    private static partial void LogReady(ILogger logger, string deployment, int contextLength);

    [LoggerMessage(3312, LogLevel.Error, "{Deployment} failed, next attempt in {BackOff}")]
    private static partial void LogFailed(ILogger logger, Exception error, string deployment, TimeSpan backOff);
}
