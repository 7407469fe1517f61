using System.Text.Json;
using AiFactory.Builder.Flows.Publishing;
using AiFactory.Contracts.OpenAI;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Builder.Published;

/// <summary>Published flows as models, in OpenAI's protocol. The gateway sends here what is asked of <c>flow/...</c>, in its caller's name.</summary>
internal static class PublishedEndpoints
{
    /// <summary>OpenAI's header for the project that a request is about.</summary>
    private const string ProjectHeader = "OpenAI-Project";

    private const int MostModels = 1000;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithTags("OpenAI").RequirePermission(Permissions.InferenceInvoke);
        group.MapPost("chat/completions", Chat);
        group.MapGet("models", Models);
    }

    private static async Task Chat(HttpContext context, PublicationStore publications, ChatAnswer answers, CancellationToken cancellationToken)
    {
        // 1. Whose flow, and which.
        if (ProjectOf(context, out var project) is { } refusal)
        {
            await OpenAIProblemWriter.WriteAsync(context, refusal);
            return;
        }

        var (request, malformed) = await ReadAsync(context.Request, cancellationToken);
        if (malformed is not null)
        {
            await OpenAIProblemWriter.WriteAsync(context, malformed);
            return;
        }

        if (ChatReader.Alias(request?.Model) is not { } alias || request is null || await publications.FindAsync(project, alias, cancellationToken) is not { } publication)
        {
            await OpenAIProblemWriter.WriteAsync(context, OpenAIProblem.ModelNotFound(request?.Model));
            return;
        }

        // 2. What is asked.
        if (ChatReader.Read(request, out var question, out var history) is { } invalid)
        {
            await OpenAIProblemWriter.WriteAsync(context, invalid);
            return;
        }

        // 3. The answer.
        var actor = context.GetIdentity().Subject;
        await answers.WriteAsync(context, new FlowQuestion(project, publication.Flow, publication.Revision, question, history, actor, Bodies: publication.Bodies), request);
    }

    private static async Task Models(HttpContext context, PublicationStore publications, CancellationToken cancellationToken)
    {
        if (ProjectOf(context, out var project) is { } refusal)
        {
            await OpenAIProblemWriter.WriteAsync(context, refusal);
            return;
        }

        var rows = await publications.ListAsync(project, "", MostModels, cancellationToken);
        var list = new ModelList("list", [.. rows.Select(row => new ModelEntry($"flow/{row.Alias}", "model", row.PublishedAt.ToUnixTimeSeconds(), project))]);
        await context.Response.WriteAsJsonAsync(list, OpenAIJson.Default.ModelList, cancellationToken: cancellationToken);
    }

    private static async Task<(ChatCompletionRequest? Request, OpenAIProblem? Malformed)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return (await JsonSerializer.DeserializeAsync(request.Body, OpenAIJson.Default.ChatCompletionRequest, cancellationToken), null);
        }
        catch (JsonException error)
        {
            var place = string.IsNullOrEmpty(error.Path) || error.Path == "$" ? "" : $" at {error.Path}";
            return (null, OpenAIProblem.Invalid($"The body of the request is not valid JSON for this route{place}.", code: "invalid_json"));
        }
    }

    private static OpenAIProblem? ProjectOf(HttpContext context, out string project)
    {
        var identity = context.GetIdentity();
        var named = context.Request.Headers[ProjectHeader] is [{ Length: > 0 } header] ? header : identity.Project;
        project = named ?? "";
        if (named is null)
        {
            return OpenAIProblem.MissingProject;
        }

        return identity.CoversProject(named) ? null : OpenAIProblem.MismatchedProject;
    }
}
