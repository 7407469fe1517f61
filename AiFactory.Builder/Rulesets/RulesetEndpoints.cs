using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Rulesets;

internal static class RulesetEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/builder/projects/{project}/rulesets").WithTags("Rulesets");
        group.MapGet("", List).RequirePermission(Permissions.FlowsRead);
        group.MapPost("", Create).RequirePermission(Permissions.FlowsWrite);
        group.MapGet("{name}", Get).RequirePermission(Permissions.FlowsRead);
        group.MapPut("{name}", Replace).RequirePermission(Permissions.FlowsWrite);
        group.MapGet("{name}/versions", ListVersions).RequirePermission(Permissions.FlowsRead);
        group.MapDelete("{name}", Delete).RequirePermission(Permissions.FlowsWrite);
    }

    private static async Task<Results<Ok<Page<RulesetResponse>>, ProblemHttpResult>> List(
        string project, RulesetService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<RulesetResponse>, ProblemHttpResult>> Create(
        string project, RulesetRequest request, HttpContext context, RulesetService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(project, request, context.GetIdentity().Subject, cancellationToken))
            .ToCreated(RulesetService.ToResponse, ruleset => $"/api/builder/projects/{project}/rulesets/{ruleset.Name}");

    private static async Task<Results<Ok<RulesetResponse>, ProblemHttpResult>> Get(
        string project, string name, RulesetService service, CancellationToken cancellationToken) =>
        (await service.GetAsync(project, name, cancellationToken)).ToOk(RulesetService.ToResponse);

    private static async Task<Results<Ok<RulesetResponse>, ProblemHttpResult>> Replace(
        string project, string name, RulesetRequest request, HttpContext context, RulesetService service, CancellationToken cancellationToken) =>
        (await service.ReplaceAsync(project, name, request, context.GetIdentity().Subject, cancellationToken)).ToOk(RulesetService.ToResponse);

    private static async Task<Results<Ok<Page<RulesetVersionResponse>>, ProblemHttpResult>> ListVersions(
        string project, string name, RulesetService service, int? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListVersionsAsync(project, name, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string project, string name, RulesetService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, name, cancellationToken)).ToNoContent();
}
