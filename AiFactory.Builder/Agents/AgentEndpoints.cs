using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Agents;

internal static class AgentEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/builder/projects/{project}/agents").WithTags("Agents");
        group.MapGet("", List).RequirePermission(Permissions.FlowsRead);
        group.MapPost("", Create).RequirePermission(Permissions.FlowsWrite);
        group.MapGet("{name}", Get).RequirePermission(Permissions.FlowsRead);
        group.MapPut("{name}", Replace).RequirePermission(Permissions.FlowsWrite);
        group.MapDelete("{name}", Delete).RequirePermission(Permissions.FlowsWrite);
    }

    private static async Task<Results<Ok<Page<AgentResponse>>, ProblemHttpResult>> List(
        string project, AgentService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<AgentResponse>, ProblemHttpResult>> Create(
        string project, AgentRequest request, HttpContext context, AgentService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(project, request, context.GetIdentity().Subject, cancellationToken))
            .ToCreated(AgentService.ToResponse, agent => $"/api/builder/projects/{project}/agents/{agent.Name}");

    private static async Task<Results<Ok<AgentResponse>, ProblemHttpResult>> Get(
        string project, string name, AgentService service, CancellationToken cancellationToken) =>
        (await service.GetAsync(project, name, cancellationToken)).ToOk(AgentService.ToResponse);

    private static async Task<Results<Ok<AgentResponse>, ProblemHttpResult>> Replace(
        string project, string name, AgentRequest request, HttpContext context, AgentService service, CancellationToken cancellationToken) =>
        (await service.ReplaceAsync(project, name, request, context.GetIdentity().Subject, cancellationToken)).ToOk(AgentService.ToResponse);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string project, string name, AgentService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, name, cancellationToken)).ToNoContent();
}
