using System.Globalization;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Problems;
using AiFactory.ServiceDefaults.Streaming;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Runs;

internal static class RunEndpoints
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/builder/projects/{project}").WithTags("Runs");
        group.MapPost("flows/{name}/runs", Start).RequirePermission(Permissions.FlowsRun);
        group.MapGet("runs", List).RequirePermission(Permissions.FlowsRead);
        group.MapGet("runs/{id:guid}", Get).RequirePermission(Permissions.FlowsRead);
        group.MapGet("runs/{id:guid}/steps/{node}", GetStep).RequirePermission(Permissions.FlowsRead);
        group.MapGet("runs/{id:guid}/steps/{node}/runs", ListChildren).RequirePermission(Permissions.FlowsRead);
        group.MapPost("runs/{id:guid}/cancel", Cancel).RequirePermission(Permissions.FlowsRun);
        group.MapGet("runs/{id:guid}/events", Follow).RequirePermission(Permissions.FlowsRead);
    }

    private static async Task<Results<Accepted<RunResponse>, ProblemHttpResult>> Start(
        string project, string name, RunRequest request, HttpContext context, RunService service, CancellationToken cancellationToken)
    {
        var start = new RunStart(project, name, request.Revision, request.Input, request.ThreadId, Caller(context));
        return await service.StartAsync(start, cancellationToken) switch
        {
            Outcome<RunRow>.Done { Value: var run } => TypedResults.Accepted($"/api/builder/projects/{project}/runs/{run.Id}", RunMapping.ToResponse(run)),
            var refused => refused.Problem(),
        };
    }

    private static async Task<Results<Ok<Page<RunSummary>>, ProblemHttpResult>> List(
        string project, HttpContext context, RunService service, string? flow, string? state, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, Caller(context), flow, state, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Ok<RunResponse>, ProblemHttpResult>> Get(
        string project, Guid id, HttpContext context, RunService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, Caller(context), id, cancellationToken)).ToOk(run => run);

    private static async Task<Results<Ok<RunStepResponse>, ProblemHttpResult>> GetStep(
        string project, Guid id, string node, HttpContext context, RunService service, CancellationToken cancellationToken) =>
        (await service.FindStepAsync(project, Caller(context), id, node, cancellationToken)).ToOk(step => step);

    private static async Task<Results<Ok<Page<RunSummary>>, ProblemHttpResult>> ListChildren(
        string project, Guid id, string node, HttpContext context, RunService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListChildrenAsync(project, Caller(context), id, node, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Ok<RunResponse>, ProblemHttpResult>> Cancel(
        string project, Guid id, HttpContext context, RunService service, CancellationToken cancellationToken) =>
        (await service.CancelAsync(project, Caller(context), id, cancellationToken)).ToOk(run => run);

    /// <summary>The run's events as server-sent events; a client that lost the connection goes on behind the last id that it saw.</summary>
    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> Follow(
        string project, Guid id, HttpContext context, RunStore runs, RunEvents events, IHostApplicationLifetime lifetime, TimeProvider time, long? after, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(project, id, cancellationToken) is not { } run || !run.IsOpenTo(Caller(context)))
        {
            return Problems.NotFound("run", id);
        }

        var last = context.Request.Headers["Last-Event-ID"];
        var from = last is [{ } text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) ? seen : after ?? 0;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        using var writer = SseWriter.Start(context.Response);
        await using var source = events.FollowAsync(run, from, withOutputs: true, end.Token).GetAsyncEnumerator(end.Token);
        try
        {
            await context.Response.StartAsync(end.Token);
            while (await NextAsync(source, writer, time, end.Token))
            {
                var next = source.Current;
                var eventId = next.Sequence > 0 ? next.Sequence.ToString(CultureInfo.InvariantCulture) : null;
                if (!await writer.WriteJsonAsync(next, RunJson.Default.RunEventResponse, eventName: null, eventId, end.Token))
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client left, or this process ends and the client goes on elsewhere; so does the run.
        }

        return TypedResults.Empty;
    }

    private static string Caller(HttpContext context) => context.GetIdentity().Subject;

    /// <summary>Waits for the next event, and meanwhile keeps the connection open.</summary>
    private static async Task<bool> NextAsync(IAsyncEnumerator<RunEventResponse> source, SseWriter writer, TimeProvider time, CancellationToken cancellationToken)
    {
        var next = source.MoveNextAsync().AsTask();
        while (!next.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAny(next, Task.Delay(KeepAlive, time, cancellationToken));
            if (!next.IsCompleted && !cancellationToken.IsCancellationRequested)
            {
                await writer.WriteKeepAliveAsync(CancellationToken.None);
            }
        }

        // Also when the client has left: only a source that has come to rest can be disposed of.
        return await next;
    }
}
