using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Rollouts;

internal static class RolloutEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapProjectGroup("deployments/{name}/rollouts", "Rollouts");
        group.MapGet("", List).RequirePermission(Permissions.DeploymentsRead);
        group.MapPost("", Begin).RequirePermission(Permissions.DeploymentsWrite);
        group.MapGet("{id:guid}", Get).RequirePermission(Permissions.DeploymentsRead);
        group.MapPost("{id:guid}/pause", Pause).RequirePermission(Permissions.DeploymentsWrite);
        group.MapPost("{id:guid}/resume", Resume).RequirePermission(Permissions.DeploymentsWrite);
        group.MapPost("{id:guid}/promote", Promote).RequirePermission(Permissions.DeploymentsWrite);
        group.MapPost("{id:guid}/abort", Abort).RequirePermission(Permissions.DeploymentsWrite);
        routes.MapPost("/internal/rollouts/{id:guid}/observations", Observe).RequireFactoryPermission(Permissions.RolloutsReport).WithTags("Rollouts");
    }

    private static async Task<Results<Ok<Page<RolloutResponse>>, ProblemHttpResult>> List(
        string project, string name, RolloutService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, name, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<RolloutResponse>, ProblemHttpResult>> Begin(
        string project, string name, RolloutRequest request, HttpContext context, RolloutService service, CancellationToken cancellationToken) =>
        (await service.BeginAsync(project, name, request, context.GetIdentity().Subject, cancellationToken))
            .ToCreated(rollout => rollout, rollout => $"/api/library/projects/{project}/deployments/{name}/rollouts/{rollout.Id}");

    private static async Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> Get(
        string project, string name, Guid id, RolloutService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, name, id, cancellationToken)).ToOk(rollout => rollout);

    private static Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> Pause(
        string project, string name, Guid id, HttpContext context, RolloutService service, CancellationToken cancellationToken) =>
        ActAsync(project, name, id, RolloutAct.Pause, context, service, cancellationToken);

    private static Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> Resume(
        string project, string name, Guid id, HttpContext context, RolloutService service, CancellationToken cancellationToken) =>
        ActAsync(project, name, id, RolloutAct.Resume, context, service, cancellationToken);

    private static Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> Promote(
        string project, string name, Guid id, HttpContext context, RolloutService service, CancellationToken cancellationToken) =>
        ActAsync(project, name, id, RolloutAct.Promote, context, service, cancellationToken);

    private static Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> Abort(
        string project, string name, Guid id, HttpContext context, RolloutService service, CancellationToken cancellationToken) =>
        ActAsync(project, name, id, RolloutAct.Abort, context, service, cancellationToken);

    private static async Task<Results<NoContent, ProblemHttpResult>> Observe(
        Guid id, RolloutObservation observation, RolloutService service, CancellationToken cancellationToken) =>
        (await service.ObserveAsync(id, observation, cancellationToken)).ToNoContent();

    private static async Task<Results<Ok<RolloutResponse>, ProblemHttpResult>> ActAsync(
        string project, string name, Guid id, RolloutAct act, HttpContext context, RolloutService service, CancellationToken cancellationToken) =>
        (await service.ActAsync(project, name, id, act, context.GetIdentity().Subject, cancellationToken)).ToOk(rollout => rollout);
}
