using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Flows;

internal static class FlowEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/builder/projects/{project}/flows").WithTags("Flows");
        group.MapGet("", List).RequirePermission(Permissions.FlowsRead);
        group.MapPost("", Create).RequirePermission(Permissions.FlowsWrite);
        group.MapPost("validate", Validate).RequirePermission(Permissions.FlowsRead);
        group.MapGet("{name}", Get).RequirePermission(Permissions.FlowsRead);
        group.MapDelete("{name}", Delete).RequirePermission(Permissions.FlowsWrite);
        group.MapPut("{name}/graph", Save).RequirePermission(Permissions.FlowsWrite);
        group.MapGet("{name}/revisions", ListRevisions).RequirePermission(Permissions.FlowsRead);
        group.MapGet("{name}/revisions/{revision:int}", GetRevision).RequirePermission(Permissions.FlowsRead);
    }

    private static async Task<Results<Ok<Page<FlowResponse>>, ProblemHttpResult>> List(
        string project, FlowService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<FlowResponse>, ProblemHttpResult>> Create(
        string project, FlowRequest request, HttpContext context, FlowService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(project, request, context.GetIdentity().Subject, cancellationToken))
            .ToCreated(flow => flow, flow => $"/api/builder/projects/{project}/flows/{flow.Name}");

    private static async Task<Results<Ok<ValidationResponse>, ProblemHttpResult>> Validate(
        string project, ValidationRequest request, FlowService service, CancellationToken cancellationToken) =>
        (await service.ValidateAsync(project, request, cancellationToken)).ToOk(validation => validation);

    private static async Task<Results<Ok<FlowResponse>, ProblemHttpResult>> Get(string project, string name, FlowService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, name, cancellationToken)).ToOk(flow => flow);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string project, string name, FlowService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, name, cancellationToken)).ToNoContent();

    private static async Task<Results<Ok<GraphSaved>, ProblemHttpResult>> Save(
        string project, string name, GraphRequest request, HttpContext context, FlowService service, CancellationToken cancellationToken) =>
        (await service.SaveAsync(project, name, request, context.GetIdentity().Subject, cancellationToken)).ToOk(saved => saved);

    private static async Task<Results<Ok<Page<FlowRevisionResponse>>, ProblemHttpResult>> ListRevisions(
        string project, string name, FlowService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListRevisionsAsync(project, name, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Ok<FlowRevisionResponse>, ProblemHttpResult>> GetRevision(
        string project, string name, int revision, FlowService service, CancellationToken cancellationToken) =>
        (await service.FindRevisionAsync(project, name, revision, cancellationToken)).ToOk(found => found);
}
