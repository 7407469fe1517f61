using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Guardrails;
using AiFactory.ModelLibrary.Keys;
using AiFactory.ModelLibrary.Limits;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ModelLibrary.Rollouts;
using AiFactory.ModelLibrary.Upstreams;

namespace AiFactory.ModelLibrary.Routing;

/// <summary>Reads what the gateway needs: the projects, the keys that are valid now, the deployments, and the replicas that requests go to.</summary>
internal sealed class SnapshotBuilder(
    ProjectStore projects, KeyStore keys, DeploymentStore deployments, AssignmentStore assignments, LimitStore limits, UpstreamService upstreams, GuardrailService guardrails, RolloutStore rollouts,
    TimeProvider time)
{
    internal async Task<SnapshotContent> BuildAsync(CancellationToken cancellationToken)
    {
        var valid = await keys.ListValidAsync(time.GetUtcNow(), cancellationToken);
        var desired = await deployments.ListAllAsync(cancellationToken);
        var replicas = (await assignments.ListReplicasAsync(deployment: null, cancellationToken)).ToLookup(replica => replica.DeploymentId);
        var watched = await RolloutsAsync(desired, cancellationToken);
        return new SnapshotContent(
            [.. valid.Select(key => new ApiKeyRoute(key.Id, key.Name, key.Hash, key.Project, key.FactoryWide, key.Roles, key.ExpiresAt) { Scope = KeyScopes.Read(key.Scope), Family = key.Family })],
            [
                .. desired.Select(deployment => ToRoute(deployment, deployment.Revoked is null ? ReplicaRow.Routable(replicas[deployment.Id]) : []) with { Rollout = watched.GetValueOrDefault(deployment.Id) }),
                .. await upstreams.RoutesAsync(cancellationToken),
            ])
        {
            Projects = await projects.ListNamesAsync(cancellationToken),
            Limits = [.. (await limits.ListAllAsync(cancellationToken)).Select(LimitMapping.ToRoute)],
            Guardrails = await guardrails.RoutesAsync(cancellationToken),
        };
    }

    /// <summary>Those whose numbers are wanted, by the deployment whose requests they move.</summary>
    private async Task<Dictionary<Guid, RolloutRoute>> RolloutsAsync(IReadOnlyList<DeploymentRow> desired, CancellationToken cancellationToken)
    {
        var watched = new Dictionary<Guid, RolloutRoute>();
        foreach (var rollout in (await rollouts.ListRunningAsync(cancellationToken)).Where(rollout => rollout.Step >= 0))
        {
            if (Named(rollout.Deployment) is { } named && Named(rollout.Baseline) is { } baseline && Named(rollout.Candidate) is { } candidate)
            {
                watched[named] = RolloutMapping.ToRoute(rollout, baseline, candidate);
            }

            Guid? Named(string name) => desired.FirstOrDefault(row => row.Project == rollout.Project && row.Name == name)?.Id;
        }

        return watched;
    }

    private static DeploymentRoute ToRoute(DeploymentRow row, IEnumerable<ReplicaRow> serving)
    {
        var replicas = serving.OrderBy(replica => replica.BaseUrl, StringComparer.Ordinal).ToList();
        return new DeploymentRoute(
            row.Id,
            row.Project,
            row.Name,
            row.Visibility,
            row.Task,
            row.Model,
            row.ModelVersion,
            row.Digest,
            replicas.Min(replica => replica.ContextLength) ?? 0,
            row.CreatedAt,
            [.. replicas.Select(replica => new ReplicaRoute(new Uri(replica.BaseUrl).Authority, replica.BaseUrl) { Zone = replica.Zone })],
            row.Revoked,
            Traffic: DeploymentTraffic.Read(row.Traffic))
        {
            Cache = DeploymentCache.Read(row.Cache),
            Routing = DeploymentRouting.Read(row.Routing),
            ServesFormer = replicas.Exists(replica => replica.StandsIn),
        };
    }
}
