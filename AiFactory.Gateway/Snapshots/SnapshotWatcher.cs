using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Registry;
using AiFactory.Gateway.Routing;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Snapshots;

/// <summary>Keeps <see cref="CurrentRoutes"/> at the library's newest snapshot: first from the disk, before anyone is asked, then by asking and asking again.</summary>
internal sealed partial class SnapshotWatcher(
    CurrentRoutes routes,
    RoutePublisher publisher,
    SnapshotFile file,
    SnapshotClient client,
    IOptions<SnapshotOptions> options,
    TimeProvider time,
    ILogger<SnapshotWatcher> logger)
    : BackgroundService
{
    /// <summary>A library that keeps to an older snapshot for this long has been restored from a backup; one of several that lags has caught up by then.</summary>
    private static readonly TimeSpan Insistence = TimeSpan.FromSeconds(10);

    private long? _olderSince;
    private bool _connected;
    private bool _silent;
    private int _failures;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Takes the kept snapshot; a file that is not whole is refused and said to be, and the library's word waited for.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await file.ReadAsync(cancellationToken) is { } snapshot)
            {
                Put(snapshot);
                LogLoaded(logger, snapshot.Version, snapshot.PublishedAt, file.Path);
            }
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            LogRefusedFile(logger, file.Path, error.Message);
        }
    }

    /// <summary>One question to the library.</summary>
    /// <returns>How long to wait before the next.</returns>
    public async Task<TimeSpan> RunOnceAsync(CancellationToken cancellationToken)
    {
        // 1. Ask. After a silence the library may be another one (restored, or begun anew), whose versions may be lower than ours: ask for whatever it has.
        var after = _connected && !_silent ? routes.Table?.Snapshot.Version ?? 0 : 0;
        RoutingSnapshot? snapshot;
        try
        {
            using var limit = new CancellationTokenSource(options.Value.PollTimeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            snapshot = await client.GetAsync(after, both.Token);
        }
        catch (Exception error) when (IsFailure(error) && !cancellationToken.IsCancellationRequested)
        {
            return Failed(error);
        }

        if (!_connected)
        {
            _connected = true;
            LogConnected(logger);
        }

        _failures = 0;

        // 2. Take it when it is the newer one, and keep it. An old one twice in a row must not become a busy loop.
        _silent = snapshot is null;
        if (snapshot is null)
        {
            // A library that has published nothing yet may say so at once.
            return after == 0 ? options.Value.RetryDelay : TimeSpan.Zero;
        }

        if (!IsNewer(snapshot))
        {
            return options.Value.RetryDelay;
        }

        Put(snapshot);
        LogTaken(logger, snapshot.Version, snapshot.Keys.Count, snapshot.Deployments.Count);
        await KeepAsync(snapshot, cancellationToken);
        return TimeSpan.Zero;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = await RunOnceAsync(stoppingToken);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>
    /// A higher version is newer. A lower one that was published later comes from a library that was reset, and is the truth now; so is a lower one that was
    /// published earlier, once the library keeps to it. Until then it is an old answer that came late.
    /// </summary>
    private bool IsNewer(RoutingSnapshot snapshot)
    {
        if (routes.Table?.Snapshot is not { } held || snapshot.Version > held.Version)
        {
            _olderSince = null;
            return true;
        }

        if (snapshot.Version == held.Version && snapshot.PublishedAt == held.PublishedAt)
        {
            _olderSince = null;
            return false;
        }

        if (snapshot.PublishedAt < held.PublishedAt)
        {
            if (_olderSince is null)
            {
                _olderSince = time.GetTimestamp();
                LogOlder(logger, snapshot.Version, held.Version);
            }

            if (time.GetElapsedTime(_olderSince.Value) < Insistence)
            {
                return false;
            }
        }

        _olderSince = null;
        LogReset(logger, held.Version, snapshot.Version);
        return true;
    }

    private void Put(RoutingSnapshot snapshot) =>
        publisher.Publish(snapshot, complaint => LogRefusedEntry(logger, snapshot.Version, complaint));

    private async Task KeepAsync(RoutingSnapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            await file.WriteAsync(snapshot, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It serves all the same; only a start without the library would miss it.
            LogNotKept(logger, file.Path, error.Message);
        }
    }

    private TimeSpan Failed(Exception error)
    {
        // Once for each silence, not for each try.
        if (_connected || _failures == 0)
        {
            LogLost(logger, error.Message, routes.Table?.Snapshot.Version);
        }

        _connected = false;
        _failures++;
        var seconds = options.Value.RetryDelay.TotalSeconds * Math.Pow(2, Math.Min(_failures - 1, 16));
        return TimeSpan.FromSeconds(Math.Min(seconds, options.Value.LongestRetryDelay.TotalSeconds));
    }

    private static bool IsFailure(Exception error) =>
        error is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidDataException;

    [LoggerMessage(1001, LogLevel.Information, "Routing snapshot {Version} of {PublishedAt} loaded from {Path}")]
    private static partial void LogLoaded(ILogger logger, long version, DateTimeOffset publishedAt, string path);

    [LoggerMessage(1002, LogLevel.Error, "The kept routing snapshot {Path} is refused: {Reason}. The gateway serves as soon as the library answers")]
    private static partial void LogRefusedFile(ILogger logger, string path, string reason);

    [LoggerMessage(1003, LogLevel.Information, "Routing snapshot {Version} taken: {Keys} keys, {Deployments} deployments")]
    private static partial void LogTaken(ILogger logger, long version, int keys, int deployments);

    [LoggerMessage(1004, LogLevel.Warning, "The library's routing snapshot {Version} is older than the {Held} held, and ignored unless the library keeps to it")]
    private static partial void LogOlder(ILogger logger, long version, long held);

    [LoggerMessage(1005, LogLevel.Warning, "The library was reset or restored: its routing snapshot {Version} replaces the {Held} held")]
    private static partial void LogReset(ILogger logger, long held, long version);

    [LoggerMessage(1006, LogLevel.Warning, "The library does not answer ({Reason}); the gateway goes on with routing snapshot {Version}")]
    private static partial void LogLost(ILogger logger, string reason, long? version);

    [LoggerMessage(1007, LogLevel.Information, "The library answers")]
    private static partial void LogConnected(ILogger logger);

    [LoggerMessage(1008, LogLevel.Error, "The routing snapshot could not be kept at {Path}: {Reason}. A start without the library will not have it")]
    private static partial void LogNotKept(ILogger logger, string path, string reason);

    [LoggerMessage(1009, LogLevel.Error, "Routing snapshot {Version}: {Complaint}; it is left out")]
    private static partial void LogRefusedEntry(ILogger logger, long version, string complaint);
}
