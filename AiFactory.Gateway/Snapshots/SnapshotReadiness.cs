using AiFactory.Gateway.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiFactory.Gateway.Snapshots;

/// <summary>Ready with any snapshot, from the library or from the disk: an old one serves, none cannot.</summary>
internal sealed class SnapshotReadiness(CurrentRoutes routes) : IHealthCheck
{
    public const string Name = "routing-snapshot";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(routes.Table is { Snapshot: var snapshot }
            ? HealthCheckResult.Healthy($"version {snapshot.Version} of {snapshot.PublishedAt:u}")
            : HealthCheckResult.Unhealthy("no routing snapshot yet: none is kept on disk, and the library has not answered"));
}
