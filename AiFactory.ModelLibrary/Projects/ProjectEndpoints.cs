using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Projects;

internal static class ProjectEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/library/projects").WithTags("Projects");
        group.MapGet("", List).RequirePermission(Permissions.ProjectsRead);
        group.MapPost("", Create).RequireFactoryPermission(Permissions.ProjectsWrite);
        group.MapGet("{project}", Get).RequirePermission(Permissions.ProjectsRead);
        group.MapPatch("{project}", Update).RequirePermission(Permissions.ProjectsWrite);
    }

    private static async Task<Results<Ok<Page<ProjectResponse>>, ProblemHttpResult>> List(
        HttpContext context, ProjectService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(context.GetIdentity(), after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<ProjectResponse>, ProblemHttpResult>> Create(
        ProjectRequest request, HttpContext context, ProjectService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(request, context.GetIdentity().Subject, cancellationToken))
            .ToCreated(ProjectService.ToResponse, project => $"/api/library/projects/{project.Name}");

    private static async Task<Results<Ok<ProjectResponse>, ProblemHttpResult>> Get(string project, ProjectService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, cancellationToken) is { } found ? found : Outcome<ProjectRow>.Missed("project", project)).ToOk(ProjectService.ToResponse);

    private static async Task<Results<Ok<ProjectResponse>, ProblemHttpResult>> Update(
        string project, ProjectPatch patch, HttpContext context, ProjectService service, CancellationToken cancellationToken) =>
        (await service.UpdateAsync(project, patch, context.GetIdentity(), cancellationToken)).ToOk(ProjectService.ToResponse);
}
