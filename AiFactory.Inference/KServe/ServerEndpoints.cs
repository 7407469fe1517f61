using AiFactory.ServiceDefaults.Health;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiFactory.Inference.KServe;

/// <summary>What is said of the server as a whole.</summary>
internal static class ServerEndpoints
{
    /// <summary>Open to all, as <c>/healthz</c> and <c>/readyz</c> are: who asks is a kubelet.</summary>
    public static void MapServerHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v2/health/live", GetLive).AllowAnonymous();
        routes.MapGet("/v2/health/ready", GetReady).AllowAnonymous();
    }

    public static void MapServer(this IEndpointRouteBuilder group) => group.MapGet("", GetMetadata);

    private static JsonHttpResult<ServerMetadata> GetMetadata() => TypedResults.Json(
        new ServerMetadata("AiFactory.Inference", typeof(ServerEndpoints).Assembly.GetName().Version?.ToString(3) ?? "0.0.0", []), KServeJson.Default.ServerMetadata);

    private static JsonHttpResult<ServerLive> GetLive() => TypedResults.Json(new ServerLive(true), KServeJson.Default.ServerLive);

    /// <summary>The same checks as <c>/readyz</c>. The protocol says "not ready" by a status of 4xx.</summary>
    private static async Task<JsonHttpResult<ServerReady>> GetReady(HttpContext http, HealthCheckService health, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        var isReady = !lifetime.ApplicationStopping.IsCancellationRequested
            && (await health.CheckHealthAsync(check => check.Tags.Contains(HealthTags.Ready), cancellationToken)).Status != HealthStatus.Unhealthy;
        return TypedResults.Json(new ServerReady(isReady), KServeJson.Default.ServerReady, statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }
}
