using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>Degraded while a namespace is behind: a cluster's API that is away must not take the library from its gateways.</summary>
internal sealed class ApprovedModelsHealthCheck(ApprovedModelWriter writer) : IHealthCheck
{
    internal const string Name = "kubernetes";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var behind = writer.Namespaces.Select(place => place.Failure).OfType<Kubernetes.KubernetesException>().ToList();
        return Task.FromResult(behind.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"Approved models are behind in {behind.Count} of {writer.Namespaces.Count} namespaces: {string.Join(", ", behind.Select(failure => failure.Kind).Distinct())}. The log says more."));
    }
}
