using System.Text.Json;

namespace AiFactory.Inference.Benchmarking;

/// <summary>
/// What counts of one event of a stream, of chat completions or completions:
/// <code>
/// data: {"choices":[{"index":0,"delta":{"content":" Hello"}}]}
/// data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":0}}}
/// data: [DONE]
/// </code>
/// </summary>
internal readonly record struct BenchmarkChunk(string Text, (int Prompt, int Cached, int Completion)? Usage, string? Error)
{
    private static readonly string[] s_texts = ["content", "reasoning_content", "text"];

    public bool IsDone { get; private init; }

    public static BenchmarkChunk Read(ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
        {
            return new BenchmarkChunk("", null, null) { IsDone = true };
        }

        var reader = new Utf8JsonReader(data);
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("An event of the stream is no JSON object.");
        }

        return new BenchmarkChunk(TextOf(root), UsageOf(root), ErrorOf(root));
    }

    /// <summary><c>{"error":{"message":"..."}}</c>, or what else the error is.</summary>
    public static string? ErrorOf(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("error", out var error) || error.ValueKind is JsonValueKind.Null)
        {
            return null;
        }

        return error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            ? message.GetString()
            : error.ToString();
    }

    private static string TextOf(JsonElement root)
    {
        if (!root.TryGetProperty("choices", out var choices) || choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0)
        {
            return "";
        }

        var choice = choices[0];
        var holder = choice.TryGetProperty("delta", out var delta) && delta.ValueKind == JsonValueKind.Object ? delta : choice;
        foreach (var name in s_texts)
        {
            if (holder.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } value)
            {
                return value;
            }
        }

        return "";
    }

    private static (int, int, int)? UsageOf(JsonElement root)
    {
        if (!root.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var cached = usage.TryGetProperty("prompt_tokens_details", out var details) && details.ValueKind == JsonValueKind.Object ? Number(details, "cached_tokens") : 0;
        return (Number(usage, "prompt_tokens"), cached, Number(usage, "completion_tokens"));
    }

    private static int Number(JsonElement holder, string name) => holder.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;
}
