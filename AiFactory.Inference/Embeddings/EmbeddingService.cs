using System.Buffers.Binary;
using System.Numerics.Tensors;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Inference.Embeddings;

/// <summary>From an embeddings request to its vectors in the order of the inputs, or to the refusal that names what is wrong with it.</summary>
internal sealed class EmbeddingService(ModelResolver models, RequestTermsReader termsReader, EmbeddingRunner runner, TokenizerGate tokenizer)
{
    /// <summary>OpenAI's own limit.</summary>
    private const int MostInputs = 2048;

    public Task<IResult> AnswerAsync(HttpContext http, EmbeddingsRequest request, CancellationToken cancellationToken) =>
        models.HoldAsync(http, request.Model, use => AnswerAsync(http, use, request, cancellationToken), cancellationToken);

    /// <summary>For who holds the model already.</summary>
    public async Task<IResult> AnswerAsync(HttpContext http, ModelUse use, EmbeddingsRequest request, CancellationToken cancellationToken)
    {
        var model = use.Model;
        var terms = RequestTerms.None;
        if (model.Embedder is not { } engine)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid($"The model '{model.Assignment.Deployment}' gives no embeddings: its task is chat.", "model", "unsupported_task"));
        }

        if (engine.Ranks)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid($"The model '{model.Assignment.Deployment}' gives no embeddings: it ranks documents, at /v1/rerank.", "model", "unsupported_task"));
        }

        if ((Check(request, engine) ?? termsReader.Read(http, request.Priority, out terms)) is { } refusal)
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

        var (values, tokens, failure) = await runner.RunAsync(engine, "embeddings", model.Assignment.Deployment, inputs, terms, cancellationToken);
        return values is null ? failure : ToResult(values, request, model.Assignment.Deployment, tokens);
    }

    private static OpenAIError? Check(EmbeddingsRequest request, EmbeddingEngine engine) =>
        request.EncodingFormat is not (null or "float" or "base64")
            ? OpenAIError.Invalid("'encoding_format' is float or base64.", "encoding_format")
        : request.Dimensions is { } dimensions && (dimensions < 1 || dimensions > engine.EmbeddingLength)
            ? OpenAIError.Invalid($"'dimensions' lies between 1 and {engine.EmbeddingLength} for this model: its embeddings have no more numbers.", "dimensions")
        : null;

    /// <summary>The first numbers, of length 1 again. Models that are trained for it (Matryoshka) keep most of their meaning; with others it is what every server does.</summary>
    private static float[] Shorten(float[] embedding, int? dimensions)
    {
        if (dimensions is not { } count || count == embedding.Length)
        {
            return embedding;
        }

        var first = embedding[..count];
        var norm = MathF.Sqrt(TensorPrimitives.SumOfSquares(first));
        if (norm > 0)
        {
            TensorPrimitives.Divide(first, norm, first);
        }

        return first;
    }

    private static JsonHttpResult<EmbeddingsResponse> ToResult(float[][] embeddings, EmbeddingsRequest request, string model, int tokens) => TypedResults.Json(
        new EmbeddingsResponse(
            "list",
            [.. embeddings.Select(embedding => Shorten(embedding, request.Dimensions)).Select((embedding, index) =>
                new EmbeddingData("embedding", index, request.EncodingFormat == "base64" ? ToBase64(embedding) : embedding))],
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
