using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Approvals;

/// <summary>An approval is given or refused, and taken back, by who may approve.</summary>
internal static class ApprovalEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var version = routes.MapProjectGroup("versions/{id:guid}", "Approvals").RequirePermission(Permissions.ModelsApprove);
        version.MapPost("approvals", Decide);
        version.MapPost("revocation", Revoke);
    }

    private static async Task<Results<Ok<ModelVersionResponse>, ProblemHttpResult>> Decide(
        string project, Guid id, ApprovalRequest request, HttpContext context, ApprovalService service, CancellationToken cancellationToken) =>
        (await service.DecideAsync(project, id, request, context.GetIdentity().Subject, cancellationToken)).ToOk(version => version);

    private static async Task<Results<Ok<ModelVersionResponse>, ProblemHttpResult>> Revoke(
        string project, Guid id, RevocationRequest request, HttpContext context, RevocationService service, CancellationToken cancellationToken) =>
        (await service.RevokeAsync(project, id, request, context.GetIdentity().Subject, cancellationToken)).ToOk(version => version);
}
