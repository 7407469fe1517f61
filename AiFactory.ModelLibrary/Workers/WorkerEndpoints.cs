using AiFactory.Contracts.Library;
using AiFactory.Contracts.Workers;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Workers;

internal static class WorkerEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/library/workers", List).RequireFactoryPermission(Permissions.WorkersRead).WithTags("Workers");
        routes.MapPost("/internal/workers/heartbeat", Beat).RequireFactoryPermission(Permissions.WorkersHeartbeat).WithTags("Workers");
    }

    private static async Task<Results<Ok<Page<WorkerResponse>>, ProblemHttpResult>> List(
        WorkerService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Ok<WorkerOrders>, ProblemHttpResult>> Beat(
        WorkerHeartbeat heartbeat, WorkerService service, CancellationToken cancellationToken) =>
        (await service.BeatAsync(heartbeat, cancellationToken)).ToOk(orders => orders);
}
