using AiFactory.Contracts.Library;
using AiFactory.Gateway.Usage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Gateway.Auditing;

internal static class AuditEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/api/audit").AddEndpointFilter(UsageEndpoints.AnswerAwayAsync).WithTags("Audit");
        audit.MapGet("/", List).RequirePermission(Permissions.AuditRead);
        audit.MapGet("/check", Check).RequireFactoryPermission(Permissions.AuditRead);
    }

    private static async Task<Results<Ok<Page<AuditEntryResponse>>, ProblemHttpResult>> List(
        HttpContext context, AuditService service, string? project, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(context.GetIdentity(), project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Ok<AuditCheck>> Check(AuditService service, CancellationToken cancellationToken) =>
        TypedResults.Ok(await service.CheckAsync(cancellationToken));
}
