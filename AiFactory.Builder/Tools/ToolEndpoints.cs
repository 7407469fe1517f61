using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Tools;

internal static class ToolEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/builder/projects/{project}/tools").WithTags("Tools");
        group.MapGet("", List).RequirePermission(Permissions.FlowsRead);
        group.MapPost("", Create).RequirePermission(Permissions.FlowsWrite);
        group.MapGet("{name}", Get).RequirePermission(Permissions.FlowsRead);
        group.MapPut("{name}", Replace).RequirePermission(Permissions.FlowsWrite);
        group.MapDelete("{name}", Delete).RequirePermission(Permissions.FlowsWrite);
    }

    private static async Task<Results<Ok<Page<ToolResponse>>, ProblemHttpResult>> List(
        string project, HttpContext context, ToolService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, MayWrite(context), cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<ToolResponse>, ProblemHttpResult>> Create(
        string project, ToolRequest request, HttpContext context, ToolService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(project, request, context.GetIdentity().Subject, cancellationToken))
            .ToCreated(row => ToolService.ToResponse(row, mayWrite: true), tool => $"/api/builder/projects/{project}/tools/{tool.Name}");

    private static async Task<Results<Ok<ToolResponse>, ProblemHttpResult>> Get(
        string project, string name, HttpContext context, ToolService service, CancellationToken cancellationToken) =>
        (await service.GetAsync(project, name, cancellationToken)).ToOk(row => ToolService.ToResponse(row, MayWrite(context)));

    private static async Task<Results<Ok<ToolResponse>, ProblemHttpResult>> Replace(
        string project, string name, ToolRequest request, HttpContext context, ToolService service, CancellationToken cancellationToken) =>
        (await service.ReplaceAsync(project, name, request, context.GetIdentity().Subject, cancellationToken)).ToOk(row => ToolService.ToResponse(row, mayWrite: true));

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string project, string name, ToolService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, name, cancellationToken)).ToNoContent();

    private static bool MayWrite(HttpContext context) => context.GetIdentity().Has(Permissions.FlowsWrite);
}
