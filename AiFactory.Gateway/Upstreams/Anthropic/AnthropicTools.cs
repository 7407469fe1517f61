using System.Text.Json;
using AiFactory.Gateway.Anthropic;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Upstreams.Anthropic;

/// <summary>
/// <c>tools</c> and <c>tool_choice</c>, the inverse of <see cref="ToolTranslator"/>:
/// <code>
/// {"type":"function","function":{"name":"weather","parameters":{...}}}  ->  {"name":"weather","input_schema":{...}}
/// "required", and parallel_tool_calls false  ->  {"type":"any","disable_parallel_tool_use":true}
/// </code>
/// </summary>
internal static class AnthropicTools
{
    public static OpenAIError? Write(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.TryGet("tools"u8, out var tools) || tools.ValueKind != JsonValueKind.Array || tools.GetArrayLength() == 0)
        {
            return null;
        }

        json.WriteStartArray("tools"u8);
        var index = 0;
        foreach (var tool in tools.EnumerateArray())
        {
            var path = $"tools[{index++}]";
            if (tool.Text("type"u8) != "function" || !tool.TryGet("function"u8, out var function) || function.Text("name"u8) is not { } name)
            {
                return AnthropicRequest.Fault(path, "a tool is a function with a name");
            }

            json.WriteStartObject();
            json.WriteString("name"u8, name);
            if (function.Text("description"u8) is { } description)
            {
                json.WriteString("description"u8, description);
            }

            json.WritePropertyName("input_schema"u8);
            if (function.TryGet("parameters"u8, out var schema) && schema.ValueKind == JsonValueKind.Object)
            {
                schema.WriteTo(json);
            }
            else
            {
                json.WriteRawValue("""{"type":"object","properties":{}}"""u8, skipInputValidation: true);
            }

            if (function.TryGetProperty("strict"u8, out var strict) && strict.ValueKind == JsonValueKind.True)
            {
                json.WriteBoolean("strict"u8, true);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        return WriteChoice(root, json);
    }

    private static OpenAIError? WriteChoice(JsonElement root, Utf8JsonWriter json)
    {
        var single = root.TryGetProperty("parallel_tool_calls"u8, out var parallel) && parallel.ValueKind == JsonValueKind.False;
        var given = root.TryGet("tool_choice"u8, out var choice);
        if (!given && !single)
        {
            return null;
        }

        json.WriteStartObject("tool_choice"u8);
        switch (given ? choice.ValueKind == JsonValueKind.String ? choice.GetString() : choice.Text("type"u8) : "auto")
        {
            case "auto":
                json.WriteString("type"u8, "auto"u8);
                break;
            case "none":
                json.WriteString("type"u8, "none"u8);
                single = false;
                break;
            case "required":
                json.WriteString("type"u8, "any"u8);
                break;
            case "function" when choice.TryGet("function"u8, out var function) && function.Text("name"u8) is { } name:
                json.WriteString("type"u8, "tool"u8);
                json.WriteString("name"u8, name);
                break;
            default:
                return AnthropicRequest.Fault("tool_choice", "it is 'auto', 'none', 'required', or a function with a name");
        }

        if (single)
        {
            json.WriteBoolean("disable_parallel_tool_use"u8, true);
        }

        json.WriteEndObject();
        return null;
    }
}
