using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Caching;

/// <summary>A request for vectors, text by text.</summary>
/// <param name="Whole">Of the texts together, in their order.</param>
/// <param name="Texts">In the request's order; one that comes twice has the same key twice.</param>
/// <param name="InputAt">Where the value of <c>input</c> stands in the body.</param>
internal sealed record EmbeddingRequest(CacheKey Whole, EmbeddingText[] Texts, int InputAt, int InputLength)
{
    /// <summary>As the request's head is read.</summary>
    private const int MaximumDepth = 256;

    /// <summary>OpenAI's bound. More are for the model to refuse: here one text that comes a million times would be one question, and its answer a million vectors.</summary>
    private const int MostTexts = 2048;

    /// <summary>Null where its texts cannot be told from one another for certain.</summary>
    public static EmbeddingRequest? Of(Exchange exchange)
    {
        using var document = JsonDocument.Parse(exchange.Body, new JsonDocumentOptions { MaxDepth = MaximumDepth });
        try
        {
            return Read(exchange, document.RootElement);
        }
        catch (InvalidOperationException)
        {
            // A member's name is no Unicode.
            return null;
        }
    }

    private static EmbeddingRequest? Read(Exchange exchange, JsonElement body)
    {
        if (CanonicalForm.Members(body) is not { } members)
        {
            return null;
        }

        // 1. What is the same for all texts: the model, and what else is asked (dimensions, encoding_format, whatever a server knows).
        var form = new ArrayBufferWriter<byte>(512);
        CacheRequest.WriteSource(exchange, form);
        JsonElement? input = null;
        foreach (var (name, value) in members)
        {
            if (name == "input")
            {
                input = value;
            }
            else if (!CacheRequest.IsUncounted(name))
            {
                CanonicalForm.WriteText(name, form);
                if (!CanonicalForm.TryWrite(value, form))
                {
                    return null;
                }
            }
        }

        // 2. Each text, or each list of tokens.
        if (input is not { } asked || ItemsOf(asked) is not { } items)
        {
            return null;
        }

        var source = CacheKey.Of(form.WrittenSpan).ToBytes();
        var texts = new EmbeddingText[items.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            form.ResetWrittenCount();
            form.Write(source);
            if (!CanonicalForm.TryWrite(items[i], form))
            {
                return null;
            }

            var raw = JsonMarshal.GetRawUtf8Value(items[i]);
            texts[i] = new EmbeddingText(CacheKey.Of(form.WrittenSpan), PlaceOf(exchange, raw), raw.Length);
        }

        var whole = CacheKey.Of(MemoryMarshal.AsBytes(Array.ConvertAll(texts, text => text.Key).AsSpan()));
        return new EmbeddingRequest(whole, texts, PlaceOf(exchange, JsonMarshal.GetRawUtf8Value(asked)), JsonMarshal.GetRawUtf8Value(asked).Length);
    }

    /// <summary>Null for what is no text and no list of tokens: an image, a mixture.</summary>
    private static List<JsonElement>? ItemsOf(JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String || IsTokens(input))
        {
            return [input];
        }

        if (input.ValueKind != JsonValueKind.Array || input.GetArrayLength() is 0 or > MostTexts)
        {
            return null;
        }

        var items = input.EnumerateArray().ToList();
        return items.TrueForAll(item => item.ValueKind == JsonValueKind.String) || items.TrueForAll(IsTokens) ? items : null;
    }

    private static bool IsTokens(JsonElement item) =>
        item.ValueKind == JsonValueKind.Array && item.GetArrayLength() > 0 && item.EnumerateArray().All(token => token.ValueKind == JsonValueKind.Number);

    /// <summary>The document reads the body's own bytes.</summary>
    private static int PlaceOf(Exchange exchange, ReadOnlySpan<byte> raw) =>
        exchange.Body.AsSpan().Overlaps(raw, out var place) ? place : throw new InvalidOperationException("The document was read from other bytes than the body's.");
}
