using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Limits;

/// <summary>Limits of a project, and of the whole factory: the same routes, where <c>{project}</c> has no value for the latter.</summary>
internal static class LimitEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var project = routes.MapProjectGroup("limits", "Limits");
        project.MapGet("", List).RequirePermission(Permissions.UsageRead);
        project.MapPost("", Create).RequirePermission(Permissions.LimitsWrite);
        project.MapGet("{name}", Get).RequirePermission(Permissions.UsageRead);
        project.MapPut("{name}", Update).RequirePermission(Permissions.LimitsWrite);
        project.MapDelete("{name}", Delete).RequirePermission(Permissions.LimitsWrite);

        var factory = routes.MapGroup("/api/library/limits").WithTags("Limits");
        factory.MapGet("", List).RequireFactoryPermission(Permissions.UsageRead);
        factory.MapPost("", Create).RequireFactoryPermission(Permissions.LimitsWrite);
        factory.MapGet("{name}", Get).RequireFactoryPermission(Permissions.UsageRead);
        factory.MapPut("{name}", Update).RequireFactoryPermission(Permissions.LimitsWrite);
        factory.MapDelete("{name}", Delete).RequireFactoryPermission(Permissions.LimitsWrite);
    }

    private static async Task<Results<Ok<Page<LimitResponse>>, ProblemHttpResult>> List(
        HttpContext context, LimitService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(ProjectOf(context), after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<LimitResponse>, ProblemHttpResult>> Create(
        LimitRequest request, HttpContext context, LimitService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(ProjectOf(context), request, context.GetIdentity(), cancellationToken))
            .ToCreated(limit => limit, limit => $"{context.Request.Path}/{limit.Name}");

    private static async Task<Results<Ok<LimitResponse>, ProblemHttpResult>> Get(string name, HttpContext context, LimitService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(ProjectOf(context), name, cancellationToken)).ToOk(limit => limit);

    private static async Task<Results<Ok<LimitResponse>, ProblemHttpResult>> Update(
        string name, LimitRequest request, HttpContext context, LimitService service, CancellationToken cancellationToken) =>
        (await service.UpdateAsync(ProjectOf(context), name, request, context.GetIdentity(), cancellationToken)).ToOk(limit => limit);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string name, HttpContext context, LimitService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(ProjectOf(context), name, context.GetIdentity(), cancellationToken)).ToNoContent();

    private static string? ProjectOf(HttpContext context) => context.GetRouteValue("project") as string;
}
