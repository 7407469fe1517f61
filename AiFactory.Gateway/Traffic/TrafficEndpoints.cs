using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Gateway.Traffic;

internal static class TrafficEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/traffic", Look).RequirePermission(Permissions.UsageRead).WithTags("Traffic");

    private static Ok<TrafficResponse> Look(HttpContext context, TrafficService service, string? project) => TypedResults.Ok(service.Look(context.GetIdentity(), project));
}
