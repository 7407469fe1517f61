using System.Buffers;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Gateway.Anthropic;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Upstreams.Anthropic;

/// <summary>
/// A message as a chat completion, and a refusal in OpenAI's words; the inverse of <see cref="MessageWriter"/>:
/// <code>
/// {"id":"msg_1","model":"claude","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":2}}
/// {"id":"chatcmpl-1","model":"claude","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}
/// {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}
/// </code>
/// </summary>
internal static class AnthropicAnswer
{
    /// <returns>False when it is no message.</returns>
    public static bool TryWrite(JsonElement message, long created, IBufferWriter<byte> to)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGet("content"u8, out var content) || content.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        using var json = new Utf8JsonWriter(to, RelaxedJson.Options);
        json.WriteStartObject();
        WriteHead(json, "chat.completion", message, created);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        WriteTexts(content, json);
        WriteCalls(content, json);
        json.WriteEndObject();
        WriteStop(json, message);
        json.WriteEndObject();
        json.WriteEndArray();
        var usage = default(AnthropicUsage);
        usage.Take(message);
        if (usage.IsKnown)
        {
            usage.Write(json);
        }

        json.WriteEndObject();
        return true;
    }

    public static void WriteHead(Utf8JsonWriter json, string kind, JsonElement message, long created)
    {
        json.WriteString("id"u8, IdOf(message));
        json.WriteString("object"u8, kind);
        json.WriteNumber("created"u8, created);
        json.WriteString("model"u8, message.Text("model"u8) ?? "");
    }

    /// <summary><c>msg_01X</c> as <c>chatcmpl-01X</c>.</summary>
    public static string IdOf(JsonElement message) => $"chatcmpl-{(message.Text("id"u8) ?? "").Replace("msg_", "", StringComparison.Ordinal)}";

    /// <summary>Which text ended it stands where vLLM tells it, for a client of Anthropic's protocol that asks through here.</summary>
    public static void WriteStop(Utf8JsonWriter json, JsonElement holder)
    {
        json.WriteString("finish_reason"u8, holder.Text("stop_reason"u8) switch
        {
            "max_tokens" or "model_context_window_exceeded" => "length",
            "tool_use" => "tool_calls",
            "refusal" => "content_filter",
            _ => "stop",
        });
        if (holder.Text("stop_sequence"u8) is { } sequence)
        {
            json.WriteString("stop_reason"u8, sequence);
        }
    }

    /// <param name="error">Anthropic's; a null where there is none.</param>
    public static ErrorBody ErrorOf(JsonElement error, string instead)
    {
        var (type, message) = (error.Text("type"u8), error.Text("message"u8) ?? instead);
        return type switch
        {
            "invalid_request_error" => new ErrorBody(message, "invalid_request_error", null, null),
            "request_too_large" => new ErrorBody(message, "invalid_request_error", null, "request_too_large"),
            "not_found_error" => new ErrorBody(message, "invalid_request_error", "model", "model_not_found"),
            "rate_limit_error" => new ErrorBody(message, "rate_limit_error", null, "upstream_overloaded"),
            "overloaded_error" => new ErrorBody(message, "server_error", null, "upstream_overloaded"),
            _ => new ErrorBody(message, "server_error", null, "upstream_failed"),
        };
    }

    private static void WriteTexts(JsonElement content, Utf8JsonWriter json)
    {
        var text = string.Concat(Of(content, "text").Select(block => block.Text("text"u8)));
        if (text.Length == 0 && Of(content, "tool_use").Any())
        {
            json.WriteNull("content"u8);
        }
        else
        {
            json.WriteString("content"u8, text);
        }

        if (string.Concat(Of(content, "thinking").Select(block => block.Text("thinking"u8))) is { Length: > 0 } thought)
        {
            json.WriteString("reasoning_content"u8, thought);
        }
    }

    private static void WriteCalls(JsonElement content, Utf8JsonWriter json)
    {
        var begun = false;
        foreach (var call in Of(content, "tool_use"))
        {
            if (!begun)
            {
                json.WriteStartArray("tool_calls"u8);
                begun = true;
            }

            json.WriteStartObject();
            json.WriteString("id"u8, call.Text("id"u8));
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, call.Text("name"u8));
            json.WriteString("arguments"u8, call.TryGet("input"u8, out var input) ? input.GetRawText() : "{}");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (begun)
        {
            json.WriteEndArray();
        }
    }

    private static IEnumerable<JsonElement> Of(JsonElement content, string type) => content.EnumerateArray().Where(block => block.Text("type"u8) == type);
}
