using System.Text.Json;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>Has a question embedded, by a request of the caller's project like any other: it is routed, metered and kept as one.</summary>
/// <param name="inference">Made late, for the handler of requests stands before the caches.</param>
internal sealed class QuestionEmbedder(Lazy<InferenceHandler> inference, IOptions<CachingOptions> options, TimeProvider time)
{
    /// <returns>Of length 1; null where none comes in time.</returns>
    public async Task<float[]?> EmbedAsync(Exchange exchange, Deployment embeddings, string text)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new QuestionBody(embeddings.Name, text, "float"), QuestionJson.Default.QuestionBody);
        using var timeout = new CancellationTokenSource(options.Value.SemanticWait, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(exchange.Token, timeout.Token);
        var answer = new WholeAnswer();
        var inner = SubRequest.Create(exchange.Context, Operation.Embedding, body, answer, limit.Token);
        try
        {
            await inference.Value.AskAsync(inner, Operation.Embedding, exchange.Caller, embeddings);
            await SubRequest.EndAsync(inner);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return null;
        }

        return answer is { Status: StatusCodes.Status200OK, IsBroken: false } && EmbeddingAnswer.Read(answer.Body, 1) is { Vectors: [var vector] } ? Parse(vector) : null;
    }

    private static float[]? Parse(byte[] vector)
    {
        try
        {
            return JsonSerializer.Deserialize(vector, QuestionJson.Default.SingleArray) is { Length: > 0 } numbers ? SemanticIndex.Normalize(numbers) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
