using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Deployments;

internal static class DeploymentEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapProjectGroup("deployments", "Deployments");
        group.MapGet("", List).RequirePermission(Permissions.DeploymentsRead);
        group.MapPost("", Create).RequirePermission(Permissions.DeploymentsWrite);
        group.MapGet("{name}", Get).RequirePermission(Permissions.DeploymentsRead);
        group.MapPut("{name}", Update).RequirePermission(Permissions.DeploymentsWrite);
        group.MapDelete("{name}", Delete).RequirePermission(Permissions.DeploymentsWrite);
    }

    private static async Task<Results<Ok<Page<DeploymentResponse>>, ProblemHttpResult>> List(
        string project, DeploymentService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<DeploymentResponse>, ProblemHttpResult>> Create(
        string project, DeploymentRequest request, HttpContext context, DeploymentService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(project, request, context.GetIdentity(), cancellationToken))
            .ToCreated(deployment => deployment, deployment => $"/api/library/projects/{project}/deployments/{deployment.Name}");

    private static async Task<Results<Ok<DeploymentResponse>, ProblemHttpResult>> Get(
        string project, string name, DeploymentService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, name, cancellationToken)).ToOk(deployment => deployment);

    private static async Task<Results<Ok<DeploymentResponse>, ProblemHttpResult>> Update(
        string project, string name, DeploymentRequest request, HttpContext context, DeploymentService service, CancellationToken cancellationToken) =>
        (await service.UpdateAsync(project, name, request, context.GetIdentity(), cancellationToken)).ToOk(deployment => deployment);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string project, string name, HttpContext context, DeploymentService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, name, context.GetIdentity(), cancellationToken)).ToNoContent();
}
