using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The one place that knows the state of every replica, and tells those who watch.</summary>
public class ResourceNotificationService : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly IServiceProvider _services;
    private readonly CancellationTokenSource _disposed = new();
    private readonly CancellationTokenRegistration _stopping;

    public ResourceNotificationService(ILogger<ResourceNotificationService> logger, IHostApplicationLifetime hostApplicationLifetime, IServiceProvider serviceProvider, ResourceLoggerService resourceLoggerService)
    {
        _services = serviceProvider;
        _stopping = hostApplicationLifetime.ApplicationStopped.Register(_disposed.Cancel);
    }

    /// <summary>Every state that is known now, then each change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        var channel = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true });
        lock (_lock)
        {
            foreach (var known in _current.Values)
            {
                channel.Writer.TryWrite(known);
            }

            _watchers.Add(channel);
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(linked.Token))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(channel);
            }
        }
    }

    public async Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        foreach (var id in resource.ResourceIds())
        {
            await PublishUpdateAsync(resource, id, stateFactory);
        }
    }

    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(stateFactory);
        lock (_lock)
        {
            var previous = _current.TryGetValue(resourceId, out var known) ? known.Snapshot : InitialSnapshots.For(resource);
            var snapshot = stateFactory(previous);
            snapshot = snapshot with { Commands = CommandSnapshots.For(resource, snapshot, _services) };
            var change = new ResourceEvent(resource, resourceId, snapshot);
            _current[resourceId] = change;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(change);
            }
        }

        return Task.CompletedTask;
    }

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_lock)
        {
            return _current.TryGetValue(resourceId, out resourceEvent);
        }
    }

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default)
        => WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var targets = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(
            resourceName, e => e.Snapshot.State is { } state && targets.Contains(state.Text), cancellationToken);
        return reached.Snapshot.State?.Text ?? "";
    }

    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (Matches(change, resourceName) && predicate(change))
            {
                return change;
            }
        }

        throw new OperationCanceledException($"The operation was cancelled before the resource '{resourceName}' met the predicate condition.", cancellationToken);
    }

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
        => WaitForResourceHealthyAsync(resourceName, WaitBehavior.WaitOnResourceUnavailable, cancellationToken);

    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(
            resourceName,
            e => IsReady(e.Snapshot) || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && IsTerminal(e.Snapshot)),
            cancellationToken);
        if (IsTerminal(reached.Snapshot))
        {
            throw new DistributedApplicationException($"Stopped waiting for resource '{resourceName}' to become healthy because it failed to start.");
        }

        await (reached.Snapshot.Ready ?? Task.CompletedTask).WaitAsync(cancellationToken);
        return reached;
    }

    /// <summary>Returns when every resource that <paramref name="resource"/> waits for is as it must be.</summary>
    public Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
        => Task.WhenAll(resource.Annotations.OfType<WaitAnnotation>().Select(w => WaitForDependencyAsync(w, cancellationToken)));

    public void Dispose()
    {
        _stopping.Dispose();
        _disposed.Cancel();
        GC.SuppressFinalize(this);
    }

    internal static bool IsReady(CustomResourceSnapshot snapshot)
        => snapshot.State?.Text == KnownResourceStates.Running && snapshot.HealthStatus == HealthStatus.Healthy && snapshot.Ready is not null;

    internal static bool IsTerminal(CustomResourceSnapshot snapshot)
        => snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text);

    internal ImmutableArray<ResourceEvent?> Replicas(IResource resource)
    {
        lock (_lock)
        {
            return [.. resource.ResourceIds().Select(id => _current.GetValueOrDefault(id))];
        }
    }

    private static bool Matches(ResourceEvent change, string name)
        => string.Equals(change.Resource.Name, name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(change.ResourceId, name, StringComparison.OrdinalIgnoreCase);

    private async Task WaitForDependencyAsync(WaitAnnotation wait, CancellationToken cancellationToken)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (change.Resource != wait.Resource)
            {
                continue;
            }

            var replicas = Replicas(wait.Resource);
            if (replicas.All(r => r is not null && IsSatisfied(wait, r.Snapshot)))
            {
                await Task.WhenAll(replicas.Select(r => r?.Snapshot.Ready ?? Task.CompletedTask)).WaitAsync(cancellationToken);
                return;
            }

            ThrowIfHopeless(wait, change.Snapshot);
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new OperationCanceledException("The application stops.");
    }

    private static bool IsSatisfied(WaitAnnotation wait, CustomResourceSnapshot snapshot) => wait.WaitType switch
    {
        WaitType.WaitUntilHealthy => IsReady(snapshot),
        WaitType.WaitUntilStarted => snapshot.State?.Text == KnownResourceStates.Running,
        _ => IsTerminal(snapshot) && snapshot.ExitCode == wait.ExitCode,
    };

    private static void ThrowIfHopeless(WaitAnnotation wait, CustomResourceSnapshot snapshot)
    {
        if (!IsTerminal(snapshot))
        {
            return;
        }

        if (wait.WaitType == WaitType.WaitForCompletion)
        {
            if (snapshot.ExitCode != wait.ExitCode || snapshot.State?.Text == KnownResourceStates.FailedToStart)
            {
                throw new DistributedApplicationException(
                    $"Resource '{wait.Resource.Name}' has entered the '{snapshot.State?.Text}' state with exit code '{snapshot.ExitCode}', expected '{wait.ExitCode}'.");
            }
        }
        else if (wait.WaitBehavior == WaitBehavior.StopOnResourceUnavailable)
        {
            throw new DistributedApplicationException($"Dependency resource '{wait.Resource.Name}' failed to start.");
        }
    }
}
