using System.Buffers.Binary;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Models;

/// <summary>Reads vectors from <c>"embedding":"AACAPw=="</c> (little-endian floats in base64) or <c>"embedding":[1.0]</c>: an upstream may ignore what was asked for.</summary>
internal static class EmbeddingReader
{
    internal static Embeddings Read(EmbeddingsResponse response, int expected)
    {
        // An upstream may leave out what the contract promises.
        var vectors = response.Data?.OfType<EmbeddingData>().ToList() ?? [];
        if (vectors.Count != expected)
        {
            throw new JsonException($"{expected} texts were to be embedded, {vectors.Count} vectors came.");
        }

        return new Embeddings([.. vectors.OrderBy(data => data.Index).Select(data => Vector(data.Embedding))], response.Usage);
    }

    private static float[] Vector(object embedding) => embedding switch
    {
        JsonElement { ValueKind: JsonValueKind.String } text => Floats(text.GetBytesFromBase64()),
        JsonElement { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray().Select(number => number.GetSingle())],
        _ => throw new JsonException("An embedding is neither base64 nor an array of numbers."),
    };

    private static float[] Floats(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(float) != 0)
        {
            throw new JsonException($"An embedding has {bytes.Length} bytes, which are no whole floats.");
        }

        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        }

        return vector;
    }
}
