using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Approvals;

internal static class RevocationEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapProjectGroup("versions/{id:guid}/revocation", "Approvals").MapPost("", Revoke).RequirePermission(Permissions.ModelsApprove);

    private static async Task<Results<Ok<ModelVersionResponse>, ProblemHttpResult>> Revoke(
        string project, Guid id, RevocationRequest request, HttpContext context, RevocationService service, CancellationToken cancellationToken) =>
        (await service.RevokeAsync(project, id, request, context.GetIdentity().Subject, cancellationToken)).ToOk(version => version);
}
