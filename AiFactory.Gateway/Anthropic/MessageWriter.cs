using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Anthropic;

/// <summary>
/// A whole chat completion as a message:
/// <code>
/// {"id":"chatcmpl-1","choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}
/// {"id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":2}}
/// </code>
/// </summary>
internal static class MessageWriter
{
    public static OpenAIError? Write(JsonElement answer, string model, string requestId, IBufferWriter<byte> to)
    {
        var choice = MessageAnswer.FirstChoice(answer);
        if (choice.ValueKind != JsonValueKind.Object || !choice.TryGetProperty("message"u8, out var message) || message.ValueKind != JsonValueKind.Object)
        {
            return MessageAnswer.Unreadable;
        }

        var stop = MessageAnswer.StopOf(choice.Text("finish_reason"u8), choice.Text("stop_reason"u8));
        using var json = new Utf8JsonWriter(to, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteString("id"u8, MessageAnswer.IdOf(answer, requestId));
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, model);
        json.WriteStartArray("content"u8);
        WriteTexts(message, json);
        if (WriteCalls(message, isCut: stop.Reason == "max_tokens", json) is { } error)
        {
            return error;
        }

        json.WriteEndArray();
        MessageAnswer.WriteStop(json, stop);
        MessageAnswer.WriteUsage(json, answer.TryGetProperty("usage"u8, out var usage) ? usage : default);
        json.WriteEndObject();
        return null;
    }

    private static void WriteTexts(JsonElement message, Utf8JsonWriter json)
    {
        if (MessageAnswer.Thought(message) is { Length: > 0 } thought)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "thinking"u8);
            json.WriteString("thinking"u8, thought);
            json.WriteString("signature"u8, ""u8);
            json.WriteEndObject();
        }

        if (message.Text("content"u8) is { Length: > 0 } text)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, text);
            json.WriteEndObject();
        }
    }

    /// <param name="isCut">A call that the limit of tokens cut has no whole arguments: it is shown without them, and the stop reason says why.</param>
    private static OpenAIError? WriteCalls(JsonElement message, bool isCut, Utf8JsonWriter json)
    {
        if (!message.TryGet("tool_calls"u8, out var calls) || calls.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        foreach (var call in calls.EnumerateArray())
        {
            if (call.ValueKind != JsonValueKind.Object || !call.TryGetProperty("function"u8, out var function) || function.Text("name"u8) is not { } name)
            {
                return MessageAnswer.Unreadable;
            }

            using var input = Parse(function.Text("arguments"u8));
            if (input is null && !isCut)
            {
                return MessageAnswer.Unreadable;
            }

            json.WriteStartObject();
            json.WriteString("type"u8, "tool_use"u8);
            json.WriteString("id"u8, MessageAnswer.CallId(call.Text("id"u8)));
            json.WriteString("name"u8, name);
            json.WritePropertyName("input"u8);
            if (input is null)
            {
                json.WriteStartObject();
                json.WriteEndObject();
            }
            else
            {
                input.RootElement.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return null;
    }

    /// <summary>A call without arguments may have an empty text for them. Null where they are no object.</summary>
    private static JsonDocument? Parse(string? arguments)
    {
        try
        {
            var parsed = JsonDocument.Parse(string.IsNullOrWhiteSpace(arguments) ? "{}" : arguments);
            return parsed.RootElement.ValueKind == JsonValueKind.Object ? parsed : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
