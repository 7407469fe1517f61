using System.Globalization;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Knowledge.Bases;

internal static class KnowledgeBaseEndpoints
{
    internal const string Path = "/api/builder/projects/{project}/knowledge-bases";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Path).WithTags("Knowledge bases");
        group.MapGet("", List).RequirePermission(Permissions.KnowledgeRead);
        group.MapPost("", Create).RequirePermission(Permissions.KnowledgeWrite);
        group.MapGet("{name}", Get).RequirePermission(Permissions.KnowledgeRead);
        group.MapDelete("{name}", Delete).RequirePermission(Permissions.KnowledgeWrite);
        group.MapPost("{name}/index/rebuild", RebuildIndex).RequirePermission(Permissions.KnowledgeWrite);
    }

    private static async Task<Results<Ok<Page<KnowledgeBaseResponse>>, ProblemHttpResult>> List(
        string project, KnowledgeBaseService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<KnowledgeBaseResponse>, ProblemHttpResult>> Create(
        string project, KnowledgeBaseRequest request, HttpContext context, KnowledgeBaseService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(project, request, context.GetIdentity().Subject, cancellationToken))
            .ToCreated(row => row.ToResponse(), response => $"/api/builder/projects/{project}/knowledge-bases/{response.Name}");

    private static async Task<Results<Ok<KnowledgeBaseResponse>, ProblemHttpResult>> Get(
        string project, string name, KnowledgeBaseService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, name, cancellationToken)).ToOk(row => row.ToResponse());

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string project, string name, KnowledgeBaseService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, name, cancellationToken)).ToNoContent();

    /// <summary>Answers when it is done.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>> RebuildIndex(
        string project, string name, HttpContext context, KnowledgeBaseService service, CancellationToken cancellationToken)
    {
        var outcome = await service.RebuildIndexAsync(project, name, cancellationToken);
        if (outcome is Outcome<bool>.TooMany { Until: { } wait })
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return outcome.ToNoContent();
    }
}
