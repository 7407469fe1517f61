using System.Runtime.InteropServices;
using System.Text.Json;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Moderations;

/// <summary>
/// OpenAI's <c>POST /v1/moderations</c>. Where a model is named, it answers, as any model does. Where none is, or <c>guardrails</c>, the rules of the caller's project say what they find: they judge what
/// passes here all the same, so a client learns before it asks what would be stopped.
/// </summary>
internal sealed class ModerationHandler(
    ModelCallers callers, OuterRequests requests, InferenceHandler inference, RuleModeration moderation, TopicJudge topics, JudgePlaces places, RequestLimits limits, UsageMeter meter, IOptions<ForwardingOptions> options, TimeProvider time)
{
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
            var (inputs, policy) = (new List<string[]>(), (GuardrailPolicy?)null);
            error = callers.CheckScope(context, caller, RuleModel.Name, Operation.RuleModeration) ?? ModerationRequest.Read(document.RootElement, out inputs) ?? Find(caller, models, out policy);
            await (error is null && policy is not null ? JudgeAsync(context, caller, models, policy, inputs) : RejectAsync(context, error ?? OpenAIError.MissingModel));
        }
    }

    private static bool IsForRules(JsonElement root) => !root.TryGetProperty("model"u8, out var model) || model.ValueKind == JsonValueKind.Null || (model.ValueKind == JsonValueKind.String && model.ValueEquals(RuleModel.Name));

    /// <summary>Nothing found where nothing was looked for would be taken for innocence.</summary>
    private static OpenAIError? Find(Caller caller, ProjectRoutes models, out GuardrailPolicy? policy)
    {
        policy = ProjectGuardrails.Of(models, caller, deployment: null);
        return policy is { Input.Length: > 0 } or { InputTopics.Length: > 0 } or { Unusable: not null } ? null : OpenAIError.Of(
            StatusCodes.Status400BadRequest,
            "You must provide a model parameter, which names a model with the task 'moderation': the project has no rules for texts that could judge in its place.",
            "invalid_request_error",
            "model",
            "missing_required_parameter");
    }

    /// <summary>A request as any other to limits of requests and to the ledger, which takes no tokens.</summary>
    private async Task JudgeAsync(HttpContext context, Caller caller, ProjectRoutes models, GuardrailPolicy policy, List<string[]> inputs)
    {
        using var exchange = new Exchange(context, Operation.RuleModeration, caller, RuleModel.Of(models.Project), default, stream: false, span: null, options.Value.TotalTimeout, time) { Meter = meter };
        var (admitted, refusal) = await limits.ReserveAsync(exchange);
        if (!admitted)
        {
            await (refusal is null ? Task.CompletedTask : RejectAsync(context, refusal));
            return;
        }

        // Who is of the whole factory and names no project is asked for nobody's account.
        if (models.Project.Length > 0 && !meter.Begin(exchange))
        {
            exchange.Reservation?.GiveBack();
            await RejectAsync(context, OpenAIError.NotMetered);
            return;
        }

        exchange.Error = "internal";
        try
        {
            exchange.Unlimit();
            var (found, error) = await moderation.JudgeAsync(policy, inputs, models.Project, new Questioner(topics, places, context, caller) { Exchange = exchange });
            exchange.Error = error?.Reason;
            await (error is not null ? RejectAsync(context, error) : WriteAsync(context, policy, found));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            exchange.Error = "client_left";
        }
        catch (OperationCanceledException) when (exchange.IsOverdue)
        {
            var late = OpenAIError.TotalTimeout(options.Value.TotalTimeout);
            exchange.Error = late.Reason;
            await RejectAsync(context, late);
        }
        finally
        {
            limits.Settle(exchange);
            meter.End(exchange);
        }
    }

    private async Task WriteAsync(HttpContext context, GuardrailPolicy policy, IReadOnlyList<IReadOnlyList<RuleIdentity>> found)
    {
        var answer = ModerationAnswer.Write($"modr-{Guid.CreateVersion7(time.GetUtcNow()):n}", RuleModel.Name, [.. policy.Input.Select(rule => rule.Identity), .. policy.InputTopics.Select(rule => rule.Identity)], found);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private Task RejectAsync(HttpContext context, OpenAIError error)
    {
        requests.Rejected(error);
        return OpenAIErrorWriter.WriteAsync(context, error);
    }
}
