using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Guardrails;
using AiFactory.ModelLibrary.Keys;
using AiFactory.ModelLibrary.Limits;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ModelLibrary.Upstreams;

namespace AiFactory.ModelLibrary.Routing;

/// <summary>Reads what the gateway needs: the projects, the keys that are valid now, the deployments, and the replicas that requests go to.</summary>
internal sealed class SnapshotBuilder(
    ProjectStore projects, KeyStore keys, DeploymentStore deployments, AssignmentStore assignments, LimitStore limits, UpstreamService upstreams, GuardrailService guardrails, TimeProvider time)
{
    internal async Task<SnapshotContent> BuildAsync(CancellationToken cancellationToken)
    {
        var valid = await keys.ListValidAsync(time.GetUtcNow(), cancellationToken);
        var desired = await deployments.ListAllAsync(cancellationToken);
        var replicas = (await assignments.ListReplicasAsync(deployment: null, cancellationToken)).ToLookup(replica => replica.DeploymentId);
        return new SnapshotContent(
            [.. valid.Select(key => new ApiKeyRoute(key.Id, key.Name, key.Hash, key.Project, key.FactoryWide, key.Roles, key.ExpiresAt) { Scope = KeyScopes.Read(key.Scope), Family = key.Family })],
            [
                .. desired.Select(deployment => ToRoute(deployment, deployment.Revoked is null ? ReplicaRow.Routable(replicas[deployment.Id]) : [])),
                .. await upstreams.RoutesAsync(cancellationToken),
            ])
        {
            Projects = await projects.ListNamesAsync(cancellationToken),
            Limits = [.. (await limits.ListAllAsync(cancellationToken)).Select(LimitMapping.ToRoute)],
            Guardrails = await guardrails.RoutesAsync(cancellationToken),
        };
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
