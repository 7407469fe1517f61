using System.Collections.Immutable;
using AiFactory.Hosting.Orchestration.Processes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration;

/// <summary>What a replica's life looks like from outside: its published states and events.</summary>
internal sealed class ReplicaStatus(
    IResource resource,
    string resourceId,
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    ResourceUrls urls,
    TimeProvider timeProvider,
    IServiceProvider services,
    ILogger logger)
{
    public bool IsHealthy => notifications.TryGetCurrentState(resourceId, out var known) && known.Snapshot.HealthStatus == HealthStatus.Healthy;

    public Task NotStartedAsync() => PublishAsync(s => s with { State = ReplicaState.Of(KnownResourceStates.NotStarted) });

    public Task WaitingAsync() => PublishAsync(s => s with { State = ReplicaState.Of(KnownResourceStates.Waiting) });

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await PublishAsync(s => s with
        {
            State = ReplicaState.Of(KnownResourceStates.Starting),
            StartTimeStamp = null,
            StopTimeStamp = null,
            ExitCode = null,
            Ready = null,
            HealthReports = [.. s.HealthReports.Select(r => new HealthReportSnapshot(r.Name, null, null, null))],
        });
        await eventing.PublishAsync(new BeforeResourceStartedEvent(resource, services), cancellationToken);
    }

    public async Task RunningAsync(LaunchedReplica replica, int restarts, CancellationToken cancellationToken)
    {
        var addresses = await urls.OfAsync(resource, cancellationToken);
        await PublishAsync(s => s with
        {
            State = ReplicaState.Of(KnownResourceStates.Running),
            StartTimeStamp = Now(),
            Urls = addresses,
            EnvironmentVariables = replica.Environment,
            Properties = ProcessProperties(s.Properties, replica, restarts),
        });
    }

    public Task StoppingAsync() => PublishAsync(s => s with { State = ReplicaState.Of(KnownResourceStates.Stopping) });

    public Task RestartingAsync(int? exitCode) => EndedAsync(KnownResourceStates.Restarting, exitCode);

    public Task ExitedAsync(int? exitCode) => EndedAsync(KnownResourceStates.Exited, exitCode);

    public Task FinishedAsync() => EndedAsync(KnownResourceStates.Finished, 0);

    public Task FailedToStartAsync() => EndedAsync(KnownResourceStates.FailedToStart, null);

    private DateTime Now() => timeProvider.GetUtcNow().UtcDateTime;

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
        => notifications.PublishUpdateAsync(resource, resourceId, change);

    private async Task EndedAsync(string state, int? exitCode)
    {
        await PublishAsync(s => s with { State = ReplicaState.Of(state), ExitCode = exitCode, StopTimeStamp = Now(), Ready = null });
        if (!notifications.TryGetCurrentState(resourceId, out var known))
        {
            return;
        }

        try
        {
            await eventing.PublishAsync(new ResourceStoppedEvent(resource, services, known), CancellationToken.None);
        }
#pragma warning disable CA1031 // A subscriber is foreign code, and the replica's life goes on whatever it throws.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ResourceHostLog.SubscriberFailed(logger, resourceId, exception);
        }
    }

    private ImmutableArray<ResourcePropertySnapshot> ProcessProperties(ImmutableArray<ResourcePropertySnapshot> before, LaunchedReplica replica, int restarts)
    {
        var process = replica.Process;
        var now = new List<ResourcePropertySnapshot>
        {
            new(KnownProperties.ExecutablePath, replica.Description.FileName),
            new(KnownProperties.ExecutableWorkDir, replica.Description.WorkingDirectory),
            new(KnownProperties.ExecutableArgs, replica.Description.Arguments) { IsSensitive = true },
            new(KnownProperties.ExecutablePid, process.Id),
            new(KnownProperties.Restarts, restarts),
        };
        if (resource is ProjectResource project)
        {
            now.Add(new ResourcePropertySnapshot(KnownProperties.ProjectPath, project.GetProjectMetadata().ProjectPath));
        }

        return [.. before.Where(b => !now.Exists(n => n.Name == b.Name)), .. now];
    }
}
