using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Upstreams;

internal static class UpstreamEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapProjectGroup("upstreams", "Upstreams");
        group.MapGet("", List).RequirePermission(Permissions.UpstreamsRead);
        group.MapPost("", Create).RequirePermission(Permissions.UpstreamsWrite);
        group.MapGet("{name}", Get).RequirePermission(Permissions.UpstreamsRead);
        group.MapPut("{name}", Update).RequirePermission(Permissions.UpstreamsWrite);
        group.MapDelete("{name}", Delete).RequirePermission(Permissions.UpstreamsWrite);
        group.MapPost("{name}/test", Test).RequirePermission(Permissions.UpstreamsWrite);
    }

    private static async Task<Results<Ok<Page<UpstreamResponse>>, ProblemHttpResult>> List(
        string project, UpstreamService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<UpstreamResponse>, ProblemHttpResult>> Create(
        string project, UpstreamRequest request, HttpContext context, UpstreamService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(project, request, context.GetIdentity(), cancellationToken))
            .ToCreated(upstream => upstream, upstream => $"/api/library/projects/{project}/upstreams/{upstream.Name}");

    private static async Task<Results<Ok<UpstreamResponse>, ProblemHttpResult>> Get(
        string project, string name, UpstreamService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, name, cancellationToken)).ToOk(upstream => upstream);

    private static async Task<Results<Ok<UpstreamResponse>, ProblemHttpResult>> Update(
        string project, string name, UpstreamRequest request, HttpContext context, UpstreamService service, CancellationToken cancellationToken) =>
        (await service.UpdateAsync(project, name, request, context.GetIdentity(), cancellationToken)).ToOk(upstream => upstream);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string project, string name, HttpContext context, UpstreamService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, name, context.GetIdentity(), cancellationToken)).ToNoContent();

    private static async Task<Results<Ok<UpstreamTest>, ProblemHttpResult>> Test(
        string project, string name, UpstreamTester tester, CancellationToken cancellationToken) =>
        (await tester.TestAsync(project, name, cancellationToken)).ToOk(result => result);
}
