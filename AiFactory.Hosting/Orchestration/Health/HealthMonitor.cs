using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration.Health;

/// <summary>Watches the health of every replica that runs, and says when a resource is ready: all its replicas run and are healthy.</summary>
internal sealed class HealthMonitor(
    ResourceNotificationService notifications,
    ReplicaHealthChecks checks,
    ReplicaDirectory directory,
    IDistributedApplicationEventing eventing,
    TimeProvider timeProvider,
    IServiceProvider services,
    ILogger<HealthMonitor> logger) : BackgroundService
{
    private readonly Dictionary<string, CancellationTokenSource> _monitored = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _readyLock = new();
    private readonly Dictionary<IResource, Task> _ready = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stoppingToken))
            {
                var runs = change.Snapshot.State?.Text == KnownResourceStates.Running;
                if (runs && !_monitored.ContainsKey(change.ResourceId))
                {
                    var life = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    _monitored[change.ResourceId] = life;
                    _ = Task.Run(() => MonitorAsync(change.Resource, change.ResourceId, life.Token), CancellationToken.None);
                }
                else if (!runs && _monitored.Remove(change.ResourceId, out var ended))
                {
                    await ended.CancelAsync();
                    ended.Dispose();
                    ForgetReady(change.Resource);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops.
        }
    }

    private async Task MonitorAsync(IResource resource, string resourceId, CancellationToken life)
    {
        var polling = new HealthPolling();
        try
        {
            while (true)
            {
                var reports = await checks.RunAsync(resource, resourceId, life);
                var healthy = reports.All(r => r.Status == HealthStatus.Healthy);
                life.ThrowIfCancellationRequested();
                directory.SetReady(resourceId, healthy);
                if (reports.Count > 0)
                {
                    await notifications.PublishUpdateAsync(resource, resourceId, s => s with { HealthReports = [.. reports] });
                }

                if (healthy)
                {
                    await SayReadyAsync(resource, life);
                    if (reports.Count == 0)
                    {
                        return;
                    }
                }

                await Task.Delay(polling.Next(healthy), timeProvider, life);
            }
        }
        catch (OperationCanceledException) when (life.IsCancellationRequested)
        {
            // The replica runs no longer.
        }
    }

    // The first replica to see that all are well publishes the event; the others learn of it here.
    private async Task SayReadyAsync(IResource resource, CancellationToken life)
    {
        if (!notifications.Replicas(resource).All(r => r?.Snapshot.HealthStatus == HealthStatus.Healthy))
        {
            return;
        }

        Task? ready;
        lock (_readyLock)
        {
            if (!_ready.TryGetValue(resource, out ready))
            {
                ready = PublishReadyAsync(resource, life);
                _ready[resource] = ready;
            }
        }

        foreach (var id in resource.ResourceIds())
        {
            await notifications.PublishUpdateAsync(
                resource, id, s => s.Ready is null && s.State?.Text == KnownResourceStates.Running ? s with { Ready = ready } : s);
        }
    }

    private async Task PublishReadyAsync(IResource resource, CancellationToken life)
    {
        await Task.Yield();
        try
        {
            await eventing.PublishAsync(new ResourceReadyEvent(resource, services), life);
        }
        catch (OperationCanceledException) when (life.IsCancellationRequested)
        {
            // It stopped while it was being welcomed.
        }
#pragma warning disable CA1031 // A subscriber is foreign code; the resource is ready all the same.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ResourceHostLog.SubscriberFailed(logger, resource.Name, exception);
        }
    }

    // When the last replica is gone, the next start is a new beginning.
    private void ForgetReady(IResource resource)
    {
        if (notifications.Replicas(resource).All(r => r?.Snapshot.State?.Text != KnownResourceStates.Running))
        {
            lock (_readyLock)
            {
                _ready.Remove(resource);
            }
        }
    }
}
