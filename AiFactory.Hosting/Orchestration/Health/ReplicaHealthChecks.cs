using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiFactory.Hosting.Orchestration.Health;

/// <summary>Runs a resource's health checks once, for one replica.</summary>
internal sealed class ReplicaHealthChecks(HealthCheckService registered, ReplicaDirectory directory, TimeProvider timeProvider) : IDisposable
{
    private const int DescriptionLength = 400;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) })
    {
        Timeout = Timeout,
        DefaultRequestVersion = System.Net.HttpVersion.Version11,
    };

    public async Task<IReadOnlyList<HealthReportSnapshot>> RunAsync(IResource resource, string resourceId, CancellationToken cancellationToken)
    {
        var checks = resource.Annotations.OfType<HealthCheckAnnotation>().DistinctBy(c => c.Key).ToList();
        var http = checks.OfType<EndpointHealthCheckAnnotation>().Select(c => OverHttpAsync(c, resource, resourceId, cancellationToken));
        var keys = checks.Where(c => c is not EndpointHealthCheckAnnotation).Select(c => c.Key).ToHashSet();
        var reports = (await Task.WhenAll(http)).ToList();
        if (keys.Count > 0)
        {
            reports.AddRange(await RegisteredAsync(keys, cancellationToken));
        }

        return reports;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HealthReportSnapshot> OverHttpAsync(EndpointHealthCheckAnnotation check, IResource resource, string resourceId, CancellationToken cancellationToken)
    {
        var endpoint = check.Endpoint();
        var port = endpoint.Resource == resource ? directory.PortOf(resourceId, endpoint.EndpointAnnotation) : endpoint.Port;
        if (port is null)
        {
            return Report(check.Key, HealthStatus.Unhealthy, "The replica does not run.");
        }

        try
        {
            var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"{endpoint.Scheme}://{endpoint.EndpointAnnotation.TargetHost}:{port}{check.Path}"));
            using var response = await _http.GetAsync(address, cancellationToken);
            if ((int)response.StatusCode == check.StatusCode)
            {
                return Report(check.Key, HealthStatus.Healthy, null);
            }

            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            return Report(check.Key, HealthStatus.Unhealthy, string.Create(
                CultureInfo.InvariantCulture, $"{check.Path} answered {(int)response.StatusCode}, expected {check.StatusCode}: {(body.Length <= DescriptionLength ? body : body[..DescriptionLength])}"));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Report(check.Key, HealthStatus.Unhealthy, $"{check.Path} did not answer: {exception.Message}");
        }
    }

    private async Task<IEnumerable<HealthReportSnapshot>> RegisteredAsync(HashSet<string> keys, CancellationToken cancellationToken)
    {
        try
        {
            var report = await registered.CheckHealthAsync(r => keys.Contains(r.Name), cancellationToken);
            return keys.Select(key => report.Entries.TryGetValue(key, out var entry)
                ? Report(key, entry.Status, entry.Description ?? entry.Exception?.Message, entry.Exception?.ToString())
                : Report(key, HealthStatus.Unhealthy, $"No health check '{key}' is registered."));
        }
#pragma warning disable CA1031 // Creating a health check is foreign code.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return keys.Select(key => Report(key, HealthStatus.Unhealthy, exception.Message, exception.ToString()));
        }
    }

    private HealthReportSnapshot Report(string key, HealthStatus status, string? description, string? exception = null)
        => new(key, status, description, exception) { LastRunAt = timeProvider.GetUtcNow().UtcDateTime };
}
