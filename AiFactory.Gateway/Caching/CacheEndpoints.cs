using AiFactory.Gateway.Usage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace AiFactory.Gateway.Caching;

internal static class CacheEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/cache").RequirePermission(Permissions.DeploymentsWrite).WithTags("Cache").MapDelete("/", Purge);

    private static async Task<Results<Ok<CachePurgeResponse>, ProblemHttpResult>> Purge(
        HttpContext context, CachePurgeService service, string? project, string? deployment, CancellationToken cancellationToken)
    {
        if (context.RequestServices.GetService<MigrationState>()?.Problem is not null)
        {
            return Away;
        }

        try
        {
            return (await service.PurgeAsync(context.GetIdentity(), project, deployment, cancellationToken)).ToOk(response => response);
        }
        catch (NpgsqlException error) when (UsageEndpoints.IsAway(error))
        {
            return Away;
        }
    }

    /// <summary>What one gateway has forgotten another may still give.</summary>
    private static ProblemHttpResult Away => Problems.Unavailable("The answers cannot be purged everywhere now: the gateway's database does not answer. Try again shortly.");
}
