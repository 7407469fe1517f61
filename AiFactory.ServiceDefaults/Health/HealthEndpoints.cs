using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AiFactory.ServiceDefaults.Health;

internal static class HealthEndpoints
{
    public const string Alive = "/healthz";
    public const string Ready = "/readyz";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Alive, GetAlive).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet(Ready, GetReady).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>The process answers: no dependency is asked, so that a dead database restarts nobody.</summary>
    private static Ok<ReadinessResponse> GetAlive() => TypedResults.Ok(new ReadinessResponse("healthy", []));

    private static async Task<JsonHttpResult<ReadinessResponse>> GetReady(
        HealthCheckService health,
        IHostApplicationLifetime lifetime,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Answer(new ReadinessResponse("unhealthy", [new ReadinessCheck("lifetime", "unhealthy", "The service is stopping.")]));
        }

        var report = await health.CheckHealthAsync(check => check.Tags.Contains(HealthTags.Ready), cancellationToken);
        return Answer(ReadinessResponse.From(report));
    }

    private static JsonHttpResult<ReadinessResponse> Answer(ReadinessResponse response) =>
        TypedResults.Json(
            response,
            HealthJson.Default.ReadinessResponse,
            statusCode: response.Status == "unhealthy" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
}
