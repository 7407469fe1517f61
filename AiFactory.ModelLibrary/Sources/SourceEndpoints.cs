using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Sources;

internal static class SourceEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapProjectGroup("sources", "Sources");
        group.MapGet("", List).RequirePermission(Permissions.ModelsRead);
        group.MapPost("", Create).RequirePermission(Permissions.ModelsWrite);
        group.MapGet("{id:guid}", Get).RequirePermission(Permissions.ModelsRead);
        group.MapPut("{id:guid}", Update).RequirePermission(Permissions.ModelsWrite);
        group.MapDelete("{id:guid}", Delete).RequirePermission(Permissions.ModelsWrite);
    }

    private static async Task<Results<Ok<Page<SourceResponse>>, ProblemHttpResult>> List(
        string project, SourceService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<SourceResponse>, ProblemHttpResult>> Create(
        string project, SourceRequest request, HttpContext context, SourceService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(project, request, context.GetIdentity().Subject, cancellationToken))
            .ToCreated(SourceService.ToResponse, source => $"/api/library/projects/{project}/sources/{source.Id}");

    private static async Task<Results<Ok<SourceResponse>, ProblemHttpResult>> Get(
        string project, Guid id, SourceService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, id, cancellationToken)).ToOk(SourceService.ToResponse);

    private static async Task<Results<Ok<SourceResponse>, ProblemHttpResult>> Update(
        string project, Guid id, SourceRequest request, HttpContext context, SourceService service, CancellationToken cancellationToken) =>
        (await service.UpdateAsync(project, id, request, context.GetIdentity().Subject, cancellationToken)).ToOk(SourceService.ToResponse);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string project, Guid id, HttpContext context, SourceService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, id, context.GetIdentity().Subject, cancellationToken)).ToNoContent();
}
