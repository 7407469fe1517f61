using System.Buffers;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Registry;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Infer;

/// <summary>
/// One envelope for every kind of model (S1, section 5): <c>{"model":"demo-embed","payload":{"input":"a text"}}</c> answers
/// <c>{"model":"demo-embed","task":"embedding","output":{...},"usage":{...}}</c>. The payload goes to the model's own OpenAI route, so it is the same for every engine.
/// </summary>
internal sealed class InferHandler(OuterRequests requests, InferenceHandler inference, StaticRegistry registry, IProblemDetailsService problems)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // 1. Who asks, and what.
        var (document, _, models, error) = await requests.ReadAsync(context);
        if (error is not null)
        {
            await InferProblem.WriteAsync(context, problems, error);
            return;
        }

        if (document is null || models is null)
        {
            return;
        }

        using (document)
        {
            error = InferRequest.Read(document.RootElement, out var model, out var payload);
            if (error is not null)
            {
                requests.Rejected(error);
                await InferProblem.WriteAsync(context, problems, error);
                return;
            }

            // 2. Which of the model's routes takes such a payload; whether there is such a model, and for this caller, is asked there. Where a service takes the envelope itself, it gets it as it came.
            var task = Find(models, model) ?? ModelTasks.Chat;
            var path = task == StaticModel.InferTask ? registry.InferPath(model) : null;
            var operation = path is null ? OperationOf(task, payload) : Operation.Infer with { Path = path };
            var body = InferRequest.Write(model, payload, enveloped: path is not null);

            // 3. Its answer, whole, in the envelope.
            var answer = new WholeAnswer();
            var inner = SubRequest.Create(context, operation, body, answer, context.RequestAborted);
            await inference.InvokeAsync(inner, operation);
            await SubRequest.EndAsync(inner);
            await AnswerAsync(context, model, task, answer);
        }
    }

    private static string? Find(ProjectRoutes models, string model) => FlowModel.IsNamedBy(model) ? ModelTasks.Chat : models.Find(model)?.Route.Task;

    private static Operation OperationOf(string task, JsonElement payload) => task switch
    {
        ModelTasks.Embedding => payload.TryGetProperty("query"u8, out _) ? Operation.Rerank : Operation.Embedding,
        ModelTasks.Rerank => Operation.Rerank,
        _ => payload.TryGetProperty("messages"u8, out _) || !payload.TryGetProperty("prompt"u8, out _) ? Operation.ChatCompletion : Operation.Completion,
    };

    private async Task AnswerAsync(HttpContext context, string model, string task, WholeAnswer answer)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        answer.CopyHeaders(context.Response);
        using var output = answer.IsBroken ? null : answer.Parse();
        if (answer.Status >= StatusCodes.Status400BadRequest)
        {
            await InferProblem.WriteAsync(context, problems, AnsweredError.Of(answer.Status, output?.RootElement));
            return;
        }

        if (output is null)
        {
            await InferProblem.WriteAsync(context, problems, answer.IsBroken ? OpenAIError.UpstreamBroke : InferProblem.NoJson);
            return;
        }

        var envelope = new ArrayBufferWriter<byte>(answer.Body.Length + 256);
        InferAnswer.Write(envelope, model, task, output.RootElement, answer.Body.Span);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = envelope.WrittenCount;
        await context.Response.Body.WriteAsync(envelope.WrittenMemory, context.RequestAborted);
    }
}
