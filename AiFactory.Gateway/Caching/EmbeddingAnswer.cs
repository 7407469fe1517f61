using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Caching;

/// <summary>
/// Takes an answer apart into its vectors, and puts one together from vectors, whose bytes stay as the model's server wrote them.
/// <code>
/// {"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2]}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}}
/// </code>
/// </summary>
internal static class EmbeddingAnswer
{
    /// <param name="count">How many were asked for.</param>
    /// <returns>The vectors in the order of their texts, and the tokens of all; null where it is not certain which is whose.</returns>
    public static (byte[][] Vectors, int Tokens)? Read(ReadOnlyMemory<byte> answer, int count)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return Read(document.RootElement, count);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="cached">Tokens of those that were kept.</param>
    public static byte[] Write(IReadOnlyList<byte[]> vectors, string model, int tokens, int cached)
    {
        var output = new ArrayBufferWriter<byte>(vectors.Sum(vector => vector.Length + 64) + 256);
        output.Write("{\"object\":\"list\",\"data\":["u8);
        for (var i = 0; i < vectors.Count; i++)
        {
            output.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}{{\"object\":\"embedding\",\"index\":{i},\"embedding\":")));
            output.Write(vectors[i]);
            output.Write("}"u8);
        }

        output.Write("],"u8);
        using var json = new Utf8JsonWriter(output, RelaxedJson.Options);
        json.WriteString("model"u8, model);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, tokens);
        json.WriteNumber("total_tokens"u8, tokens);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, cached);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A server tells the tokens of all texts together: each gets a part by its length, and the parts add up.</summary>
    public static int[] Share(int tokens, IReadOnlyList<int> lengths)
    {
        var (all, sum, given) = (lengths.Sum(length => (long)length), 0L, 0);
        return [.. lengths.Select(length =>
        {
            sum += length;
            var upTo = (int)(tokens * sum / Math.Max(all, 1));
            var part = upTo - given;
            given = upTo;
            return part;
        })];
    }

    private static (byte[][] Vectors, int Tokens)? Read(JsonElement answer, int count)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("data"u8, out var data) || data.ValueKind != JsonValueKind.Array || data.GetArrayLength() != count)
        {
            return null;
        }

        var vectors = new byte[count][];
        foreach (var item in data.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object
                || !item.TryGetProperty("index"u8, out var at) || !at.TryGetInt32(out var index) || index < 0 || index >= count || vectors[index] is not null
                || !item.TryGetProperty("embedding"u8, out var vector) || vector.ValueKind is not (JsonValueKind.Array or JsonValueKind.String)
                || !item.EnumerateObject().All(member => member.Name is "object" or "index" or "embedding"))
            {
                return null;
            }

            vectors[index] = JsonMarshal.GetRawUtf8Value(vector).ToArray();
        }

        var tokens = answer.TryGetProperty("usage"u8, out var usage) && usage.ValueKind == JsonValueKind.Object
            && usage.TryGetProperty("prompt_tokens"u8, out var told) && told.TryGetInt32(out var number) && number >= 0 ? number : 0;
        return (vectors, tokens);
    }
}
