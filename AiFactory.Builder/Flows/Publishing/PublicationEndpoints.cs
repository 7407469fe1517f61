using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Flows.Publishing;

internal static class PublicationEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/builder/projects/{project}").WithTags("Flows");
        group.MapGet("published", List).RequirePermission(Permissions.FlowsRead);
        group.MapDelete("published/{alias}", Withdraw).RequirePermission(Permissions.FlowsWrite);
        group.MapPost("flows/{name}/publish", Publish).RequirePermission(Permissions.FlowsWrite);
    }

    private static async Task<Results<Ok<Page<PublishedFlow>>, ProblemHttpResult>> List(
        string project, PublicationService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Ok<PublishedFlow>, ProblemHttpResult>> Publish(
        string project, string name, PublishRequest request, HttpContext context, PublicationService service, CancellationToken cancellationToken) =>
        (await service.PublishAsync(project, name, request, context.GetIdentity().Subject, cancellationToken)).ToOk(published => published);

    private static async Task<Results<NoContent, ProblemHttpResult>> Withdraw(string project, string alias, PublicationService service, CancellationToken cancellationToken) =>
        (await service.WithdrawAsync(project, alias, cancellationToken)).ToNoContent();
}
