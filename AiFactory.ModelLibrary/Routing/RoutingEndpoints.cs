using AiFactory.Contracts.Routing;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Routing;

internal static class RoutingEndpoints
{
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(25);

    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/internal/snapshot", Watch).RequireFactoryPermission(Permissions.SnapshotRead).WithTags("Routing");

    /// <summary>200 as soon as there is another snapshot than the caller has; 204 after 25 seconds without one.</summary>
    private static async Task<Results<Ok<RoutingSnapshot>, NoContent>> Watch(
        SnapshotFeed feed, TimeProvider time, IHostApplicationLifetime lifetime, HttpContext context, long after = 0, CancellationToken cancellationToken = default)
    {
        // A gateway that waits must not hold up the library's stop.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            return await feed.WaitAsync(after, LongPoll, time, stop.Token) is { } snapshot ? TypedResults.Ok(snapshot) : TypedResults.NoContent();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return TypedResults.NoContent();
        }
    }
}
