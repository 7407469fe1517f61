using AiFactory.Contracts.Routing;

namespace AiFactory.ModelLibrary.Routing;

/// <summary>The current snapshot, and waiting for the next one.</summary>
internal sealed class SnapshotFeed
{
    private readonly Lock _lock = new();
    private RoutingSnapshot? _current;
    private TaskCompletionSource _next = New();

    internal RoutingSnapshot? Current
    {
        get
        {
            lock (_lock)
            {
                return _current;
            }
        }
    }

    internal void Set(RoutingSnapshot snapshot)
    {
        TaskCompletionSource waiting;
        lock (_lock)
        {
            if (_current?.Version == snapshot.Version)
            {
                return;
            }

            _current = snapshot;
            waiting = _next;
            _next = New();
        }

        waiting.SetResult();
    }

    /// <summary>
    /// The snapshot that is not the one the caller has, at once or when there is one; null when the time is over. Not only newer ones: after the database
    /// was restored from a backup the version counts from further back, and the gateway must follow.
    /// </summary>
    internal async Task<RoutingSnapshot?> WaitAsync(long after, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (_current is { } current && current.Version != after)
                {
                    return current;
                }

                next = _next.Task;
            }

            try
            {
                await next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
