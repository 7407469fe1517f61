using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Infer;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Embeddings;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Rerank;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Infer;

/// <summary>The contract that every worker has, whatever it serves: <c>POST /infer</c>, beside <c>/healthz</c> and <c>/metrics</c>.</summary>
internal static class InferEndpoints
{
    public static void MapInfer(this IEndpointRouteBuilder routes) => routes.MapPost("/infer", Infer).RequirePermission(Permissions.InferenceInvoke);

    private static async Task<IResult> Infer(
        HttpContext http, ModelResolver models, ChatService chat, EmbeddingService embeddings, RerankService rerank, TimeProvider time, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, OpenAIJson.Default.InferRequest, cancellationToken);
        if (request is null)
        {
            return new OpenAIErrorResult(error ?? OpenAIError.Invalid("The body is missing.", null));
        }

        if (request.Payload is not { ValueKind: JsonValueKind.Object } payload)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid("'payload' must be an object: the input as the model's own OpenAI route takes it.", "payload"));
        }

        if (RequestValues.Read(payload, "payload", out _) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        return await models.HoldAsync(http, request.Model, use => AnswerAsync(http, use, request, payload, chat, embeddings, rerank, time, cancellationToken), cancellationToken);
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext http,
        ModelUse use,
        InferRequest request,
        JsonElement payload,
        ChatService chat,
        EmbeddingService embeddings,
        RerankService rerank,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        try
        {
            return use.Model.RerankPrompt is not null
                ? Wrap(request, ModelTasks.Rerank, await RerankEndpoints.AnswerAsync(http, use, Read(payload, OpenAIJson.Default.RerankRequest) with { Model = request.Model }, rerank, time, cancellationToken))
                : use.Model.Embedder is not null
                ? Wrap(request, ModelTasks.Embedding, await embeddings.AnswerAsync(http, use, Read(payload, OpenAIJson.Default.EmbeddingsRequest) with { Model = request.Model }, cancellationToken))
                : Wrap(request, ModelTasks.Chat, await chat.AnswerAsync(http, use, Read(payload, OpenAIJson.Default.ChatCompletionRequest) with { Model = request.Model, Stream = false }, cancellationToken));
        }
        catch (JsonException fault)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid($"'payload' is not what a model of this kind takes: invalid type or value at {fault.Path}.", "payload", "invalid_json"));
        }
    }

    private static T Read<T>(JsonElement payload, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class =>
        payload.Deserialize(type) ?? throw new JsonException("null", "$", null, null);

    /// <summary>An answer is put into the envelope; a refusal stays as it is.</summary>
    private static IResult Wrap(InferRequest request, string task, IResult answer)
    {
        if (answer is not IValueHttpResult { Value: { } value })
        {
            return answer;
        }

        var output = JsonSerializer.SerializeToElement(value, value.GetType(), OpenAIJson.Default);
        var usage = output.TryGetProperty("usage", out var used) ? used.Deserialize(OpenAIJson.Default.Usage) : null;
        return TypedResults.Json(new InferResponse(request.Model ?? "", task, output, usage), OpenAIJson.Default.InferResponse);
    }
}
