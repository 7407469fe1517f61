using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

/// <summary>Publishes the states of resources that have no process: parameters, connection strings, databases on a server.</summary>
internal sealed class PassiveResources(DistributedApplicationModel model, ResourceNotificationService notifications, TimeProvider timeProvider)
{
    public async Task PublishInitialAsync(IResource resource)
    {
        var now = timeProvider.GetUtcNow().UtcDateTime;
        await notifications.PublishUpdateAsync(resource, s => s with { CreationTimeStamp = s.CreationTimeStamp ?? now });
        if (resource is ParameterResource parameter)
        {
            await notifications.PublishUpdateAsync(resource, s => s with
            {
                State = ReplicaState.Of(KnownResourceStates.Running),
                Properties = [.. s.Properties, new ResourcePropertySnapshot(KnownProperties.ParameterValue, parameter.Value) { IsSensitive = parameter.Secret }],
            });
        }
    }

    public async Task PublishConnectionStringAsync(ConnectionStringResource resource, CancellationToken cancellationToken)
    {
        await notifications.PublishUpdateAsync(resource, s => s with { State = ReplicaState.Of(KnownResourceStates.Waiting) });
        await notifications.WaitForDependenciesAsync(resource, cancellationToken);
        var value = await resource.ConnectionStringExpression.GetValueAsync(cancellationToken);
        await notifications.PublishUpdateAsync(resource, s => s with
        {
            State = ReplicaState.Of(KnownResourceStates.Running),
            Properties = [.. s.Properties, new ResourcePropertySnapshot(KnownProperties.ConnectionString, value) { IsSensitive = true }],
        });
    }

    /// <summary>A child without a process is in its parent's state.</summary>
    public async Task MirrorParentsAsync(CancellationToken cancellationToken)
    {
        var children = model.Resources.OfType<IResourceWithParent>()
            .Where(c => !ReplicaLauncher.CanLaunch(c) && !c.HasAnnotationOfType<ResourceSnapshotAnnotation>())
            .ToLookup(c => c.Parent);
        if (children.Count == 0)
        {
            return;
        }

        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            foreach (var child in children[change.Resource])
            {
                var parent = change.Snapshot;
                await notifications.PublishUpdateAsync(child, s => s.State == parent.State ? s : s with
                {
                    State = parent.State,
                    StartTimeStamp = parent.StartTimeStamp,
                    StopTimeStamp = parent.StopTimeStamp,
                    ExitCode = parent.ExitCode,
                    Ready = parent.State?.Text == KnownResourceStates.Running ? s.Ready : null,
                });
            }
        }
    }
}
