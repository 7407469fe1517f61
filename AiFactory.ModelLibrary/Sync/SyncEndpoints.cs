using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Sync;

internal static class SyncEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapProjectGroup("sources/{id:guid}", "Syncs");
        group.MapPost("sync", Queue).RequirePermission(Permissions.ModelsWrite);
        group.MapGet("syncs", List).RequirePermission(Permissions.ModelsRead);
    }

    private static async Task<Results<Accepted<SyncResult>, ProblemHttpResult>> Queue(
        string project, Guid id, HttpContext context, SyncService service, CancellationToken cancellationToken)
    {
        var outcome = await service.QueueAsync(project, id, context.GetIdentity().Subject, cancellationToken);
        return outcome is Outcome<SyncResult>.Done { Value: var queued }
            ? TypedResults.Accepted($"/api/library/projects/{project}/sources/{id}/syncs", queued)
            : outcome.Problem();
    }

    private static async Task<Results<Ok<Page<SyncResult>>, ProblemHttpResult>> List(
        string project, Guid id, SyncService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, id, after, limit, cancellationToken)).ToOk(page => page);
}
