using System.Text.Json;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.SubRequests;

/// <summary>Has texts embedded for a request, whose part that is.</summary>
internal sealed class TextEmbedder(PartRequests parts)
{
    /// <summary>Texts of one request: some servers take no more.</summary>
    private const int MostOfOne = 32;

    /// <param name="wait">For each request that it takes.</param>
    /// <param name="isLimit">As <see cref="PartRequests.AskAsync"/> has it.</param>
    /// <returns>Vectors of length 1, in the order of their texts; or why there are none.</returns>
    public async Task<(float[][]? Vectors, PartFault? Fault)> EmbedAsync(PartOf whole, Deployment embeddings, IReadOnlyList<string> texts, TimeSpan wait, bool isLimit = true)
    {
        var vectors = new List<float[]>(texts.Count);
        foreach (var some in texts.Chunk(MostOfOne))
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new EmbeddingBody(embeddings.Name, some, "float"), EmbeddingJson.Default.EmbeddingBody);
            var (answer, fault) = await parts.AskAsync(whole, embeddings, Operation.Embedding, body, wait, isLimit);
            if (answer is null)
            {
                return (null, fault);
            }

            if (EmbeddingAnswer.Read(answer.Body, some.Length) is not { } told || !Array.TrueForAll(told.Vectors, vector => Add(vectors, vector)))
            {
                return (null, new PartFault(PartFaultKind.Unclear, "answered with no vectors"));
            }
        }

        return ([.. vectors], null);
    }

    private static bool Add(List<float[]> vectors, byte[] vector)
    {
        try
        {
            if (JsonSerializer.Deserialize(vector, EmbeddingJson.Default.SingleArray) is { Length: > 0 } numbers && SemanticIndex.Normalize(numbers) is { } normal)
            {
                vectors.Add(normal);
                return true;
            }
        }
        catch (JsonException)
        {
            // Said below.
        }

        return false;
    }
}
