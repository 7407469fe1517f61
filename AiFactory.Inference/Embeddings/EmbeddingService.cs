using System.Buffers.Binary;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Inference.Embeddings;

/// <summary>From an embeddings request to its vectors in the order of the inputs, or to the refusal that names what is wrong with it.</summary>
internal sealed class EmbeddingService(ModelResolver models, InferenceTelemetry telemetry, TokenizerGate tokenizer)
{
    /// <summary>OpenAI's own limit.</summary>
    private const int MostInputs = 2048;

    public async Task<IResult> AnswerAsync(HttpContext http, EmbeddingsRequest request, CancellationToken cancellationToken)
    {
        var (use, unresolved) = await models.ResolveAsync(http, request.Model, cancellationToken);
        if (use is null)
        {
            return new OpenAIErrorResult(unresolved);
        }

        using var held = use;
        var model = use.Model;

        if (model.Embedder is not { } engine)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid($"The model '{model.Assignment.Deployment}' gives no embeddings: its task is chat.", "model", "unsupported_task"));
        }

        if (Check(request, engine) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        IReadOnlyList<int[]> inputs = [];
        if (await tokenizer.RunAsync(() => TextInput.Read(request.Input, "input", model.Model, engine.ContextLength, MostInputs, out inputs), cancellationToken) is { } refusedInput)
        {
            return new OpenAIErrorResult(refusedInput);
        }

        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].Length > engine.ContextLength)
            {
                return new OpenAIErrorResult(OpenAIError.InputTooLong(engine.ContextLength, inputs[i].Length, inputs.Count == 1 ? "input" : $"input[{i}]"));
            }
        }

        using var span = new EmbeddingSpan(telemetry, model.Assignment.Deployment, inputs);
        try
        {
            return engine.TryEmbed(inputs, cancellationToken) is { } embeddings
                ? ToResult(await embeddings.WaitAsync(cancellationToken), request.EncodingFormat == "base64", model.Assignment.Deployment, span.InputTokens)
                : new OpenAIErrorResult(OpenAIError.QueueFull(TimeSpan.FromSeconds(1)));
        }
        catch (EngineStoppedException)
        {
            return new OpenAIErrorResult(OpenAIError.Stopping());
        }
        catch (LlamaException failure)
        {
            span.Failed(failure.Message);
            return new OpenAIErrorResult(OpenAIError.Failed(failure.Message));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Results.Empty;
        }
    }

    private static OpenAIError? Check(EmbeddingsRequest request, EmbeddingEngine engine) =>
        request.EncodingFormat is not (null or "float" or "base64")
            ? OpenAIError.Invalid("'encoding_format' is float or base64.", "encoding_format")
        : request.Dimensions is { } dimensions && dimensions != engine.EmbeddingLength
            ? OpenAIError.Unsupported("dimensions", $" by this model: its embeddings have {engine.EmbeddingLength} numbers")
        : null;

    private static JsonHttpResult<EmbeddingsResponse> ToResult(float[][] embeddings, bool base64, string model, int tokens) => TypedResults.Json(
        new EmbeddingsResponse(
            "list",
            [.. embeddings.Select((embedding, index) => new EmbeddingData("embedding", index, base64 ? ToBase64(embedding) : embedding))],
            model,
            new Usage(tokens, null, tokens)),
        OpenAIJson.Default.EmbeddingsResponse);

    private static string ToBase64(float[] embedding)
    {
        var bytes = new byte[embedding.Length * sizeof(float)];
        for (var i = 0; i < embedding.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), embedding[i]);
        }

        return Convert.ToBase64String(bytes);
    }
}
