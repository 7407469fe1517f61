using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration;

/// <summary>
/// The life of one replica: it waits for what it needs, starts, runs, and is started again when it crashes, until it is told to stop.
/// </summary>
internal sealed class ReplicaRunner(
    IResource resource,
    string resourceId,
    bool isTask,
    ReplicaLauncher launcher,
    ReplicaStatus status,
    ReplicaDirectory directory,
    ResourceNotificationService notifications,
    TimeProvider timeProvider,
    ILogger console,
    ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly RestartBackoff _backoff = new(timeProvider);
    private readonly CancellationTokenSource _ending = new();
    private readonly bool _isServer = resource.HasAnnotationOfType<EndpointAnnotation>();
    private TaskCompletionSource _wanted = NewSignal();
    private TaskCompletionSource _stopped = NewSignal();
    private TaskCompletionSource _launched = NewSignal();
    private TaskCompletionSource _impatient = NewSignal();
    private CancellationTokenSource _attempt = new();
    private CancellationToken _patience = CancellationToken.None;
    private bool _dependenciesMet;

    public string ResourceId => resourceId;

    /// <summary>Lives until <see cref="EndAsync"/>.</summary>
    public async Task RunAsync()
    {
        Rest();
        if (resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
        {
            await status.NotStartedAsync();
        }
        else
        {
            lock (_lock)
            {
                Want_NeedsLock();
            }
        }

        var crashed = false;
        while (!_ending.IsCancellationRequested)
        {
            await _wanted.Task.WaitAsync(_ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ending.IsCancellationRequested)
            {
                break;
            }

            crashed = await AttemptAsync(crashed);
            if (!crashed)
            {
                Rest();
            }
        }

        _stopped.TrySetResult();
    }

    /// <summary>Returns when the process runs, or could not be started. A replica that waits for others waits no longer.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_wanted.Task.IsCompleted)
            {
                _impatient.TrySetResult();
            }
            else
            {
                Want_NeedsLock();
            }

            return _launched.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Returns when the process has ended. After <paramref name="patience"/> it is killed.</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        Task stopped;
        lock (_lock)
        {
            _patience = patience;
            stopped = _stopped.Task;
            _attempt.Cancel();
        }

        await stopped;
    }

    public async Task EndAsync(CancellationToken patience)
    {
        await _ending.CancelAsync();
        await StopAsync(patience);
    }

    public void Dispose()
    {
        _ending.Dispose();
        _attempt.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Want_NeedsLock()
    {
        if (!_wanted.Task.IsCompleted && !_ending.IsCancellationRequested)
        {
            _stopped = NewSignal();
            _launched = NewSignal();
            _attempt = new CancellationTokenSource();
            _wanted.TrySetResult();
        }
    }

    private void Rest()
    {
        lock (_lock)
        {
            _wanted = NewSignal();
            _impatient = NewSignal();
            _launched.TrySetResult();
            _stopped.TrySetResult();
        }
    }

    /// <summary>One run of the process. True: it crashed, its time to wait is over, and it is to be started again.</summary>
    /// <param name="afterCrash">It has run before, so that what keeps it from starting may pass (a disk that is full, a program being rebuilt).</param>
    private async Task<bool> AttemptAsync(bool afterCrash)
    {
        var token = _attempt.Token;
        LaunchedReplica replica;
        try
        {
            await MeetDependenciesAsync(token);
            await status.StartingAsync(token);
            replica = await launcher.LaunchAsync(resource, resourceId, token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await status.ExitedAsync(null);
            return false;
        }
#pragma warning disable CA1031 // Subscribers and callbacks of the model are foreign code: whatever they throw is why this resource cannot start.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var reason = exception is DistributedApplicationException ? exception.Message : exception.ToString();
            if (afterCrash)
            {
                return await WaitForRetryAsync(reason, token);
            }

            ResourceHostLog.CannotStart(console, resourceId, reason);
            ResourceHostLog.CannotStart(logger, resourceId, reason);
            await status.FailedToStartAsync();
            return false;
        }

        using (replica.Process)
        {
            return await WatchAsync(replica, token);
        }
    }

    private async Task MeetDependenciesAsync(CancellationToken token)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().ToList();
        if (_dependenciesMet || waits.Count == 0)
        {
            return;
        }

        await status.WaitingAsync();
        var names = string.Join(", ", waits.Select(w => w.Resource.Name).Distinct());
        ResourceHostLog.Waiting(console, names);
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(token);
        var met = notifications.WaitForDependenciesAsync(resource, abandoned.Token);
        if (await Task.WhenAny(met, _impatient.Task) == met)
        {
            await met;
        }
        else
        {
            await abandoned.CancelAsync();
            await met.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Once is enough: a service that crashes while another is away starts again at once.
        _dependenciesMet = true;
    }

    private async Task<bool> WatchAsync(LaunchedReplica replica, CancellationToken token)
    {
        directory.Add(resource, resourceId, replica.Ports);
        _backoff.Started();
        await status.RunningAsync(replica, _backoff.Restarts, CancellationToken.None);
        _launched.TrySetResult();

        await ((Task)replica.Process.Exited).WaitAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var wasHealthy = status.IsHealthy;
        var stoppedByUs = !replica.Process.Exited.IsCompleted;
        if (stoppedByUs)
        {
            await status.StoppingAsync();
            await replica.Process.StopAsync(_patience);
        }

        directory.Remove(resourceId);
        var exitCode = await replica.Process.Exited;
        await replica.Process.Output.WaitAsync(TimeSpan.FromSeconds(1), timeProvider, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ResourceHostLog.Ended(console, exitCode);
        if (stoppedByUs || token.IsCancellationRequested)
        {
            await status.ExitedAsync(exitCode);
            return false;
        }

        // A task ends when its work is done; a server that ends, however politely, is missed.
        if (isTask || (exitCode == 0 && !_isServer))
        {
            await (exitCode == 0 ? status.FinishedAsync() : status.ExitedAsync(exitCode));
            return false;
        }

        return await WaitForRestartAsync(exitCode, wasHealthy, replica.LastWords, token);
    }

    private async Task<bool> WaitForRestartAsync(int exitCode, bool wasHealthy, LastWords lastWords, CancellationToken token)
    {
        var delay = _backoff.Next(wasHealthy);
        ResourceHostLog.Restarting(console, resourceId, exitCode, delay.TotalSeconds, lastWords: "");
        ResourceHostLog.Restarting(logger, resourceId, exitCode, delay.TotalSeconds, lastWords.Sentence());
        return await WaitAsync(delay, exitCode, token);
    }

    private async Task<bool> WaitForRetryAsync(string reason, CancellationToken token)
    {
        var delay = _backoff.Next(wasHealthy: false);
        ResourceHostLog.CannotRestart(console, resourceId, delay.TotalSeconds, reason);
        ResourceHostLog.CannotRestart(logger, resourceId, delay.TotalSeconds, reason);
        return await WaitAsync(delay, exitCode: null, token);
    }

    private async Task<bool> WaitAsync(TimeSpan delay, int? exitCode, CancellationToken token)
    {
        await status.RestartingAsync(exitCode);
        await Task.Delay(delay, timeProvider, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!token.IsCancellationRequested)
        {
            return true;
        }

        await status.ExitedAsync(exitCode);
        return false;
    }
}
