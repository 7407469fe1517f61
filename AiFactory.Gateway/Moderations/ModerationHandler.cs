using System.Runtime.InteropServices;
using System.Text.Json;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Moderations;

/// <summary>
/// OpenAI's <c>POST /v1/moderations</c>. Where a model is named, it answers, as any model does. Where none is, or <c>guardrails</c>, the rules of the caller's project say what they find: they judge what
/// passes here all the same, so a client learns before it asks what would be stopped.
/// </summary>
internal sealed class ModerationHandler(ModelCallers callers, OuterRequests requests, InferenceHandler inference, RuleModeration moderation, TimeProvider time)
{
    /// <summary>Stands for the rules where a client has to name a model.</summary>
    public const string Rules = "guardrails";

    public async Task InvokeAsync(HttpContext context)
    {
        // 1. Who asks, and what.
        var (document, caller, models, error) = await requests.ReadAsync(context);
        if (document is null || caller is null || models is null)
        {
            await (error is null ? Task.CompletedTask : OpenAIErrorWriter.WriteAsync(context, error));
            return;
        }

        using (document)
        {
            // 2. A model's name: it is asked with the body as it came. What is wrong with it is told there.
            if (!IsForRules(document.RootElement))
            {
                context.Request.Body = new MemoryStream(JsonMarshal.GetRawUtf8Value(document.RootElement).ToArray(), writable: false);
                await inference.InvokeAsync(context, Operation.Moderation);
                return;
            }

            // 3. The rules.
            var answer = ReadOnlyMemory<byte>.Empty;
            error = callers.CheckScope(context, caller, Rules, Operation.Moderation);
            if (error is null)
            {
                try
                {
                    (answer, error) = await JudgeAsync(document.RootElement, caller, models, context.RequestAborted);
                }
                catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
                {
                    return;
                }
            }

            if (error is not null)
            {
                await RejectAsync(context, error);
                return;
            }

            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        }
    }

    private static bool IsForRules(JsonElement root) => !root.TryGetProperty("model"u8, out var model) || model.ValueKind == JsonValueKind.Null || (model.ValueKind == JsonValueKind.String && model.ValueEquals(Rules));

    private async ValueTask<(ReadOnlyMemory<byte> Answer, OpenAIError? Error)> JudgeAsync(JsonElement root, Caller caller, ProjectRoutes models, CancellationToken left)
    {
        if (ModerationRequest.Read(root, out var inputs) is { } malformed)
        {
            return (default, malformed);
        }

        // Nothing found where nothing was looked for would be taken for innocence.
        if (ProjectGuardrails.Of(models, caller, deployment: null) is not { } policy || (policy.Input.Length == 0 && policy.Unusable is null))
        {
            return (default, OpenAIError.Of(
                StatusCodes.Status400BadRequest,
                "You must provide a model parameter, which names a model with the task 'moderation': the project has no rules for texts that could judge in its place.",
                "invalid_request_error",
                "model",
                "missing_required_parameter"));
        }

        var (found, fault) = await moderation.JudgeAsync(policy, inputs, left);
        return fault is not null
            ? (default, fault)
            : (ModerationAnswer.Write($"modr-{Guid.CreateVersion7(time.GetUtcNow()):n}", Rules, [.. policy.Input.Select(rule => rule.Identity)], found), null);
    }

    private Task RejectAsync(HttpContext context, OpenAIError error)
    {
        requests.Rejected(error);
        return OpenAIErrorWriter.WriteAsync(context, error);
    }
}
