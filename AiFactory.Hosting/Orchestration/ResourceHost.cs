using System.Collections.Immutable;
using System.Security.Cryptography;
using AiFactory.Hosting.Orchestration.Endpoints;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration;

/// <summary>Sets every resource on its way, and stops them all: those that nobody needs first.</summary>
internal sealed class ResourceHost(
    DistributedApplicationModel model,
    IDistributedApplicationEventing eventing,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    PassiveResources passive,
    ReplicaLauncher launcher,
    ReplicaDirectory directory,
    EndpointRegistry endpoints,
    ResourceUrls urls,
    TimeProvider timeProvider,
    IServiceProvider services,
    ILogger<ResourceHost> logger) : IHostedService, IDisposable
{
    private const string SuffixCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Whatever has not ended by then is killed, so that Ctrl+C leaves nothing within ten seconds.</summary>
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(8);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _background = [];
    private ImmutableDictionary<IResource, ImmutableArray<ReplicaRunner>> _runners = ImmutableDictionary<IResource, ImmutableArray<ReplicaRunner>>.Empty;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in model.Resources.Where(ReplicaLauncher.CanLaunch))
        {
            resource.Annotations.Add(new ReplicaInstancesAnnotation(
                [.. Enumerable.Range(0, resource.GetReplicaCount()).Select(_ => $"{resource.Name}-{RandomNumberGenerator.GetString(SuffixCharacters, 8)}")]));
            LifecycleCommands.Add(resource, this);
        }

        _background.Add(passive.MirrorParentsAsync(_stopping.Token));
        foreach (var resource in model.Resources)
        {
            await passive.PublishInitialAsync(resource);
            _background.Add(InitializeAsync(resource, _stopping.Token));
        }

        var tasks = model.Resources.SelectMany(r => r.Annotations.OfType<WaitAnnotation>())
            .Where(w => w.WaitType == WaitType.WaitForCompletion).Select(w => w.Resource).ToHashSet();
        _runners = model.Resources.Where(ReplicaLauncher.CanLaunch).ToImmutableDictionary(
            r => r, r => r.ResourceIds().Select(id => Runner(r, id, tasks.Contains(r))).ToImmutableArray());
        foreach (var runner in _runners.Values.SelectMany(r => r))
        {
            _background.Add(Task.Run(runner.RunAsync, CancellationToken.None));
        }

        await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), cancellationToken);
    }

    /// <summary>The start command.</summary>
    public Task StartAsync(string resourceId, CancellationToken cancellationToken) => Find(resourceId).StartAsync(cancellationToken);

    /// <summary>The stop command.</summary>
    public Task StopAsync(string resourceId, CancellationToken cancellationToken) => Find(resourceId).StopAsync(cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StopDeadline);
        var dependents = ShutdownOrder.Dependents([.. _runners.Keys]);
        var stops = new Dictionary<IResource, Task>();
        await Task.WhenAll(_runners.Keys.Select(r => StopInOrder(r)));
        await Task.WhenAll(_background).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Task StopInOrder(IResource resource)
        {
            if (!stops.TryGetValue(resource, out var stop))
            {
                stop = StopAfterAsync(resource, Task.WhenAll(dependents[resource].Select(StopInOrder)), deadline.Token);
                stops[resource] = stop;
            }

            return stop;
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        foreach (var runner in _runners.Values.SelectMany(r => r))
        {
            runner.Dispose();
        }
    }

    private async Task StopAfterAsync(IResource resource, Task dependents, CancellationToken deadline)
    {
        await dependents;
        endpoints.Close(resource);
        await Task.WhenAll(_runners[resource].Select(r => r.EndAsync(deadline)));
        loggers.Complete(resource);
    }

    private ReplicaRunner Find(string resourceId)
        => _runners.Values.SelectMany(r => r).FirstOrDefault(r => string.Equals(r.ResourceId, resourceId, StringComparison.OrdinalIgnoreCase))
            ?? throw new DistributedApplicationException($"There is no replica '{resourceId}'.");

    private ReplicaRunner Runner(IResource resource, string id, bool isTask)
    {
        var status = new ReplicaStatus(resource, id, notifications, eventing, urls, timeProvider, services, logger);
        return new ReplicaRunner(resource, id, isTask, launcher, status, directory, notifications, timeProvider, loggers.GetLogger(id), logger);
    }

    private async Task InitializeAsync(IResource resource, CancellationToken cancellationToken)
    {
        try
        {
            // The subscribers may take their time: one may wait for another resource.
            await Task.Yield();
            await eventing.PublishAsync(new InitializeResourceEvent(resource, eventing, loggers, notifications, services), cancellationToken);
            if (resource is IResourceWithEndpoints)
            {
                await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services), cancellationToken);
            }

            if (resource is ConnectionStringResource connection)
            {
                await passive.PublishConnectionStringAsync(connection, cancellationToken);
            }

            if (resource is IResourceWithConnectionString)
            {
                await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The application stops.
        }
#pragma warning disable CA1031 // A subscriber is foreign code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ResourceHostLog.CannotStart(logger, resource.Name, exception.Message);
            await notifications.PublishUpdateAsync(resource, s => s with { State = ReplicaState.Of(KnownResourceStates.FailedToStart) });
        }
    }
}
