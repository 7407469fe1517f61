using AiFactory.Contracts.Workers;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Isolation;

/// <summary>In an engine's process: loads the one model of its order and serves it until the worker says stop.</summary>
internal sealed class EngineWorker(
    EngineChannel channel,
    ModelRegistry registry,
    LlamaRuntime runtime,
    MemoryBudget budget,
    MeasurementLog measurements,
    DeployedAdapters adapters,
    InferenceTelemetry telemetry,
    IOptions<EngineOptions> engine,
    TimeProvider time,
    IHostApplicationLifetime host,
    ILogger<EngineWorker> logger) : BackgroundService
{
    private const string MayBeKilledFirst = "500";

    private readonly Lock _looking = new();
    private ServedModel? _model;
    private TimeSpan _processor;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // It is loaded before the model is.
        _ = runtime;
        PreferDeath();
        channel.Look = Look;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = host.ApplicationStarted.Register(started.SetResult);
        // What the last requests measured, when the server has answered them.
        host.ApplicationStopped.Register(() => channel.Send(Look()));
        try
        {
            var (order, lease) = (channel.Order.Assignment, Lease(channel.Order.Files));
            _model = await Task.Run(() => ServedModel.Load(order, lease, budget, engine.Value, telemetry, time, logger), CancellationToken.None);
            _model.Model.Dying = reason => channel.Send(new EngineReport.Dying(reason));
            registry.Set(order, new WorkerModelStatus(order.DeploymentId, order.Digest, WorkerModelStates.Ready, null, null, _model.MemoryBytes, _model.ContextLength), _model);
            await started.Task.WaitAsync(stoppingToken);
            if (_model.Adapters is { } served)
            {
                channel.Adapt = command => AdaptAsync(served, command);
            }

            channel.Send(new EngineReport.Ready(_model.ContextLength, _model.MemoryBytes, _model.Adapters is not null));

            if (await Task.WhenAny(_model.Ended, channel.Stopping) == _model.Ended)
            {
                channel.Send(new EngineReport.Dying(_model.Ended.Exception?.InnerException is { } bug ? $"{bug.GetType().Name}: {bug.Message}" : "The engine ended."));
            }

            await _model.UnloadAsync(TimeSpan.Zero);
        }
        catch (Exception error) when (error is LlamaException or GgufException or IOException)
        {
            channel.Send(new EngineReport.Refused(error.Message));
        }
        finally
        {
            host.StopApplication();
        }
    }

    private EngineReport.State Look()
    {
        lock (_looking)
        {
            var processor = Environment.CpuUsage.TotalTime;
            telemetry.EngineProcessorTime.Add((processor - _processor).TotalSeconds, new KeyValuePair<string, object?>("model_name", channel.Order.Assignment.Deployment));
            _processor = processor;
            return new(_model?.CurrentStep.TotalSeconds ?? 0, _model?.CurrentLoad ?? default, EngineUsage.OfThisProcess(), _model?.Generator?.Adapters, measurements.Take());
        }
    }

    /// <summary>The shelf of this process is what its requests find their adapters by.</summary>
    private async Task<EngineReport.Done> AdaptAsync(ServedAdapters served, EngineCommand command)
    {
        var shelf = adapters.Of(channel.Order.Assignment.DeploymentId);
        try
        {
            switch (command)
            {
                case EngineCommand.AddAdapter add:
                    var adapter = new DeployedAdapter(add.Name, add.Root, File(add.File), add.LoadedAt);
                    await served.AddAsync(adapter);
                    shelf.Put(adapter);
                    return new EngineReport.Done(add.Id, true, null);
                case EngineCommand.RemoveAdapter remove:
                    var isGone = await served.RemoveAsync(remove.Name, TimeSpan.FromSeconds(remove.PatienceSeconds));
                    if (isGone && shelf.Find(remove.Name) is { } gone)
                    {
                        shelf.Drop(gone);
                    }

                    return new EngineReport.Done(remove.Id, isGone, null);
                default:
                    throw new InvalidOperationException($"{command} is nothing to do with adapters.");
            }
        }
        catch (Exception error)
        {
            // Whatever it is: the worker waits for an answer, and lets nobody else change the adapters meanwhile.
            var reason = error is LlamaException or GgufException or IOException or UnauthorizedAccessException or EngineStoppedException ? error.Message : $"{error.GetType().Name}: {error.Message}";
            return new EngineReport.Done(command is EngineCommand.AddAdapter { Id: var id } ? id : ((EngineCommand.RemoveAdapter)command).Id, false, reason);
        }
    }

    /// <summary>Where memory runs out the system ends a model, which comes back, and not the worker with all of them.</summary>
    private static void PreferDeath()
    {
        try
        {
            System.IO.File.WriteAllText("/proc/self/oom_score_adj", MayBeKilledFirst);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // No Linux, or no /proc: then the system chooses by size.
        }
    }

    private static WeightsLease Lease(IEnumerable<EngineFile> files) => new([.. files.Select(File)]);

    private static WeightsLease.File File(EngineFile file) => new(file.Path, file.Digest, file.SizeBytes, HeldByTheWorker.Instance);

    private sealed class HeldByTheWorker : IDisposable
    {
        public static HeldByTheWorker Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
