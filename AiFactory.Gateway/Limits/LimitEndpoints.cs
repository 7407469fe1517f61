using AiFactory.Gateway.Usage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace AiFactory.Gateway.Limits;

internal static class LimitEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/limits", List).RequirePermission(Permissions.UsageRead).WithTags("Limits");

    /// <summary>Models are served by what gateways hold while the database is away; how the whole stands it alone knows.</summary>
    private static async Task<Results<Ok<LimitStates>, ProblemHttpResult>> List(HttpContext context, LimitStateService service, string? project, CancellationToken cancellationToken)
    {
        try
        {
            return context.RequestServices.GetService<MigrationState>()?.Problem is { } problem
                ? Problems.Unavailable($"How limits stand cannot be read now. {problem}")
                : TypedResults.Ok(await service.ListAsync(context.GetIdentity(), project, cancellationToken));
        }
        catch (NpgsqlException error) when (UsageEndpoints.IsAway(error))
        {
            return Problems.Unavailable("How limits stand cannot be read now: the gateway's database does not answer. Try again shortly.");
        }
    }
}
