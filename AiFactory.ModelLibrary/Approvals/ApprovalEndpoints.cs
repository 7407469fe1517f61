using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Approvals;

internal static class ApprovalEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapProjectGroup("versions/{id:guid}/approvals", "Approvals").MapPost("", Decide).RequirePermission(Permissions.ModelsApprove);

    private static async Task<Results<Ok<ModelVersionResponse>, ProblemHttpResult>> Decide(
        string project, Guid id, ApprovalRequest request, HttpContext context, ApprovalService service, CancellationToken cancellationToken) =>
        (await service.DecideAsync(project, id, request, context.GetIdentity().Subject, cancellationToken)).ToOk(version => version);
}
