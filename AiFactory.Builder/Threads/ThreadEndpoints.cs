using AiFactory.Contracts.Builder.Threads;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Threads;

internal static class ThreadEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/builder/projects/{project}/threads").WithTags("Threads");
        group.MapGet("", List).RequirePermission(Permissions.ThreadsRead);
        group.MapPost("", Create).RequirePermission(Permissions.ThreadsWrite);
        group.MapGet("{id:guid}", Get).RequirePermission(Permissions.ThreadsRead);
        group.MapDelete("{id:guid}", Delete).RequirePermission(Permissions.ThreadsWrite);
        group.MapPost("{id:guid}/messages", Answer).RequirePermission(Permissions.ThreadsWrite);
    }

    private static async Task<Results<Ok<Page<ThreadResponse>>, ProblemHttpResult>> List(
        string project, HttpContext context, ThreadService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, Author(context), after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<ThreadResponse>, ProblemHttpResult>> Create(
        string project, ThreadRequest request, HttpContext context, ThreadService service, CancellationToken cancellationToken) =>
        (await service.CreateAsync(project, Author(context), request, cancellationToken))
            .ToCreated(thread => thread, thread => $"/api/builder/projects/{project}/threads/{thread.Id}");

    private static async Task<Results<Ok<ThreadResponse>, ProblemHttpResult>> Get(
        string project, Guid id, HttpContext context, ThreadService service, CancellationToken cancellationToken) =>
        (await service.GetAsync(project, Author(context), id, cancellationToken)).ToOk(thread => thread);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string project, Guid id, HttpContext context, ThreadService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, Author(context), id, cancellationToken)).ToNoContent();

    /// <summary>Answers with events until the answer is whole; who closes the connection stops the answer.</summary>
    private static async Task<IResult> Answer(
        string project, Guid id, ThreadMessageRequest request, HttpContext context, ThreadService service, ThreadAnswerStream answers, CancellationToken cancellationToken)
    {
        var begun = await service.BeginAsync(project, Author(context), id, request.Content, cancellationToken);
        if (begun is not Outcome<ThreadTurn>.Done { Value: var turn })
        {
            return begun.Problem();
        }

        await answers.WriteAsync(turn, context.Response, cancellationToken);
        return TypedResults.Empty;
    }

    private static string Author(HttpContext context) => context.GetIdentity().Subject;
}
