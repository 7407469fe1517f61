using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Auditing;

internal static class AuditEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/library/audit", ListFactory).RequireFactoryPermission(Permissions.AuditRead).WithTags("Audit");
        routes.MapGet("/api/library/projects/{project}/audit", ListProject).RequirePermission(Permissions.AuditRead).WithTags("Audit");
    }

    private static async Task<Results<Ok<Page<AuditEntryResponse>>, ProblemHttpResult>> ListFactory(
        AuditService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project: null, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Ok<Page<AuditEntryResponse>>, ProblemHttpResult>> ListProject(
        string project, AuditService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);
}
