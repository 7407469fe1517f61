using System.Text.Json;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Anthropic;

/// <summary>
/// <c>tools</c> and <c>tool_choice</c>:
/// <code>
/// {"name":"weather","description":"...","input_schema":{...}}  ->  {"type":"function","function":{"name":"weather","description":"...","parameters":{...}}}
/// {"type":"any","disable_parallel_tool_use":true}  ->  "required", and parallel_tool_calls false
/// </code>
/// </summary>
internal static class ToolTranslator
{
    public static OpenAIError? Write(JsonElement root, Utf8JsonWriter json)
    {
        var any = false;
        if (root.TryGet("tools"u8, out var tools))
        {
            if (tools.ValueKind != JsonValueKind.Array)
            {
                return Fault.At("tools", "it is an array");
            }

            any = tools.GetArrayLength() > 0;
            if (any && WriteTools(tools, json) is { } error)
            {
                return error;
            }
        }

        return root.TryGet("tool_choice"u8, out var choice) ? WriteChoice(choice, any, json) : null;
    }

    private static OpenAIError? WriteTools(JsonElement tools, Utf8JsonWriter json)
    {
        json.WriteStartArray("tools"u8);
        var index = 0;
        foreach (var tool in tools.EnumerateArray())
        {
            var path = $"tools.{index++}";
            if (tool.ValueKind != JsonValueKind.Object)
            {
                return Fault.At(path, "a tool is an object");
            }

            if (tool.TryGet("type"u8, out _) && tool.Text("type"u8) is var type and not "custom")
            {
                return Fault.At($"{path}.type", $"a tool of the type '{type}' is run by Anthropic's servers and is not supported here; give a name and an input_schema");
            }

            if (tool.Text("name"u8) is not { Length: > 0 } name)
            {
                return Fault.At($"{path}.name", "it is needed, a text");
            }

            if (!tool.TryGet("input_schema"u8, out var schema) || schema.ValueKind != JsonValueKind.Object)
            {
                return Fault.At($"{path}.input_schema", "it is needed, an object");
            }

            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, name);
            if (tool.Text("description"u8) is { } description)
            {
                json.WriteString("description"u8, description);
            }

            json.WritePropertyName("parameters"u8);
            schema.WriteTo(json);
            if (tool.TryGet("strict"u8, out var strict) && strict.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                json.WriteBoolean("strict"u8, strict.GetBoolean());
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        return null;
    }

    private static OpenAIError? WriteChoice(JsonElement choice, bool any, Utf8JsonWriter json)
    {
        var type = choice.Text("type"u8);
        if (!any)
        {
            return type is "auto" or "none" ? null : Fault.At("tool_choice", "it is given without any tools");
        }

        switch (type)
        {
            case "auto" or "none":
                json.WriteString("tool_choice"u8, type);
                break;
            case "any":
                json.WriteString("tool_choice"u8, "required"u8);
                break;
            case "tool" when choice.Text("name"u8) is { } name:
                json.WriteStartObject("tool_choice"u8);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, name);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            default:
                return Fault.At("tool_choice", "its type is 'auto', 'any', 'none', or 'tool' with a name");
        }

        if (choice.TryGet("disable_parallel_tool_use"u8, out var single) && single.ValueKind == JsonValueKind.True)
        {
            json.WriteBoolean("parallel_tool_calls"u8, false);
        }

        return null;
    }
}
