using System.Text.Json;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Anthropic;

/// <summary>
/// An assistant's turn. What it thought is left out: templates show it of no turn but the one that is being written.
/// <code>
/// {"role":"assistant","content":[{"type":"text","text":"Let me see."},{"type":"tool_use","id":"c1","name":"weather","input":{"city":"Bonn"}}]}
/// {"role":"assistant","content":"Let me see.","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bonn\"}"}}]}
/// </code>
/// </summary>
internal static class AssistantTranslator
{
    public static OpenAIError? Write(JsonElement content, string path, Utf8JsonWriter json)
    {
        var texts = new List<string>();
        var calls = new List<(string Id, string Name, string Arguments)>();
        if (content.ValueKind == JsonValueKind.String)
        {
            texts.Add(content.GetString() ?? "");
        }
        else
        {
            var index = 0;
            foreach (var block in content.EnumerateArray())
            {
                if (Read(block, $"{path}.{index++}", texts, calls) is { } error)
                {
                    return error;
                }
            }
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        if (texts.Count == 0 && calls.Count > 0)
        {
            json.WriteNull("content"u8);
        }
        else
        {
            json.WriteString("content"u8, string.Concat(texts));
        }

        if (calls.Count > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var (id, name, arguments) in calls)
            {
                json.WriteStartObject();
                json.WriteString("id"u8, id);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, name);
                json.WriteString("arguments"u8, arguments);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        return null;
    }

    private static OpenAIError? Read(JsonElement block, string path, List<string> texts, List<(string Id, string Name, string Arguments)> calls)
    {
        switch (block.Text("type"u8))
        {
            case "text" when block.Text("text"u8) is { } text:
                texts.Add(text);
                return null;
            case "text":
                return Fault.At($"{path}.text", "it is needed, a text");
            case "thinking" or "redacted_thinking":
                return null;
            case "tool_use" when block.Text("id"u8) is { } id && block.Text("name"u8) is { } name && block.TryGet("input"u8, out var input) && input.ValueKind == JsonValueKind.Object:
                calls.Add((id, name, input.GetRawText()));
                return null;
            case "tool_use":
                return Fault.At(path, "a tool_use has an id, a name, and an input that is an object");
            default:
                return MessageTranslator.Refuse(path, block);
        }
    }
}
