using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiFactory.ServiceDefaults.Objects;

/// <summary>Ready when the store can be listed.</summary>
internal sealed class ObjectStoreHealthCheck(IObjectStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.ListAsync(pageSize: 1, cancellationToken: cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The object storage does not answer.", error);
        }
    }
}
