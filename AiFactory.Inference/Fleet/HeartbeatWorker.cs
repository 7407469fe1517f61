using System.Threading.Channels;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Fleet;

/// <summary>Tells the library what is here, and does what it answers. With the library away everything goes on as it is.</summary>
internal sealed partial class HeartbeatWorker(
    LibraryClient library,
    OrdersFile ordersFile,
    AssignmentReconciler reconciler,
    ModelRegistry registry,
    LlamaRuntime runtime,
    WorkerAddress address,
    IOptions<WorkerOptions> options,
    IOptions<EngineOptions> engine,
    MemoryBudget memory,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<HeartbeatWorker> logger) : BackgroundService, IHostedLifecycleService
{
    private readonly string _instanceId = Guid.CreateVersion7().ToString("N");

    // A change of a model's state ends the pause between two heartbeats.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private bool _libraryIsAway;
    private volatile bool _draining;

    /// <summary>One heartbeat and its orders.</summary>
    /// <returns>When to send the next.</returns>
    public async Task<TimeSpan> RunOnceAsync(string baseUrl, CancellationToken cancellationToken)
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(options.Value.HeartbeatTimeout);
            var orders = await library.SendAsync(ToHeartbeat(baseUrl, draining: _draining), timeout.Token);
            if (orders?.Assignments is null)
            {
                return options.Value.RetryInterval;
            }

            if (_libraryIsAway)
            {
                _libraryIsAway = false;
                LogLibraryIsBack(logger);
            }

            await ordersFile.WriteAsync(orders, cancellationToken);
            reconciler.Apply(orders.Assignments);
            return TimeSpan.FromSeconds(Math.Clamp(orders.NextHeartbeatSeconds, 0.1, 60));
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && error is not OutOfMemoryException)
        {
            if (!_libraryIsAway)
            {
                _libraryIsAway = true;
                LogLibraryIsAway(logger, error.Message);
            }

            return options.Value.RetryInterval;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        registry.Changed += Signal;
        try
        {
            if (await ordersFile.ReadAsync(stoppingToken) is { Assignments: { } remembered })
            {
                LogRemembered(logger, remembered.Count);
                reconciler.Apply(remembered);
            }

            await StartedAsync(lifetime, stoppingToken);
            var baseUrl = address.Find() ?? throw new InvalidOperationException("The server listens on no address: set Worker:AdvertisedUrl.");
            while (!stoppingToken.IsCancellationRequested)
            {
                var pause = await RunOnceAsync(baseUrl, stoppingToken);
                await PauseAsync(pause, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            registry.Changed -= Signal;
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before the server stops: 1. tell the library, so that no new request comes; 2. let answers in progress end, or end them with a word of why.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        var farewell = SayFarewellAsync(cancellationToken);
        await reconciler.StopAsync(engine.Value.DrainTimeout, cancellationToken);
        await farewell;
    }

    /// <summary>The server's address is known once it listens.</summary>
    private static async Task StartedAsync(IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource();
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(cancellationToken);
    }

    private async Task SayFarewellAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(TimeSpan.FromSeconds(2));
            if (address.Find() is { } baseUrl)
            {
                await library.SendAsync(ToHeartbeat(baseUrl, draining: true), timeout.Token);
            }
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            LogLibraryIsAway(logger, error.Message);
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changed = _changes.Reader.WaitToReadAsync(timeout.Token).AsTask();
        await Task.WhenAny(changed, Task.Delay(pause, time, timeout.Token));
        await timeout.CancelAsync();
        _changes.Reader.TryRead(out _);
    }

    private void Signal() => _changes.Writer.TryWrite(true);

    private WorkerHeartbeat ToHeartbeat(string baseUrl, bool draining) => new(
        baseUrl,
        _instanceId,
        draining,
        new WorkerCapacity(runtime.Hardware, engine.Value.EffectiveThreads, memory.Total),
        registry.Statuses) { Zone = options.Value.Zone };

    [LoggerMessage(3331, LogLevel.Warning, "The library does not answer ({Reason}): going on with what is loaded")]
    private static partial void LogLibraryIsAway(ILogger logger, string reason);

    [LoggerMessage(3332, LogLevel.Information, "The library answers again")]
    private static partial void LogLibraryIsBack(ILogger logger);

    [LoggerMessage(3333, LogLevel.Information, "Starting with the last orders: {Count} models")]
    private static partial void LogRemembered(ILogger logger, int count);
}
