using System.Text.Json;

namespace AiFactory.Gateway.Upstreams.Anthropic;

/// <summary>
/// What an answer took. Anthropic counts what came from a cache, or went into one, beside the rest of the input; OpenAI within it. A stream tells the input with its first event and the output with its last ones, each a sum so far.
/// <code>{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":2}</code>
/// </summary>
internal struct AnthropicUsage
{
    private long _input;
    private long _created;
    private long _read;
    private long _output;

    /// <summary>Whether any was told.</summary>
    public bool IsKnown { get; private set; }

    public void Take(JsonElement holder)
    {
        if (holder.ValueKind != JsonValueKind.Object || !holder.TryGetProperty("usage"u8, out var usage) || usage.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        IsKnown = true;
        _input = Count(usage, "input_tokens"u8) ?? _input;
        _created = Count(usage, "cache_creation_input_tokens"u8) ?? _created;
        _read = Count(usage, "cache_read_input_tokens"u8) ?? _read;
        _output = Count(usage, "output_tokens"u8) ?? _output;
    }

    /// <summary>OpenAI's object.</summary>
    public readonly void Write(Utf8JsonWriter json)
    {
        var input = _input + _created + _read;
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, input);
        json.WriteNumber("completion_tokens"u8, _output);
        json.WriteNumber("total_tokens"u8, input + _output);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, _read);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static long? Count(JsonElement usage, ReadOnlySpan<byte> name) =>
        usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) && count >= 0 ? count : null;
}
