using System.Text.Json;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Anthropic;

/// <summary>
/// <c>system</c> and <c>messages</c>. A user's turn may hold results of tools, each of which is a message of its own in a chat:
/// <code>
/// {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"14 C"},{"type":"text","text":"And tomorrow?"}]}
/// {"role":"tool","tool_call_id":"c1","content":"14 C"}, {"role":"user","content":"And tomorrow?"}
/// </code>
/// </summary>
internal static class MessageTranslator
{
    public static OpenAIError? Write(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.TryGet("messages"u8, out var messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            return Fault.At("messages", "at least one message is needed");
        }

        json.WriteStartArray("messages"u8);
        if (root.TryGet("system"u8, out var system))
        {
            json.WriteStartObject();
            json.WriteString("role"u8, "system"u8);
            if (WriteTexts(system, "system", json) is { } refused)
            {
                return refused;
            }

            json.WriteEndObject();
        }

        var index = 0;
        var last = "";
        foreach (var message in messages.EnumerateArray())
        {
            var path = $"messages.{index++}";
            last = message.Text("role"u8) ?? "";
            if (last is not ("user" or "assistant"))
            {
                return Fault.At($"{path}.role", "it is 'user' or 'assistant'; what a system says stands under 'system'");
            }

            if (!message.TryGet("content"u8, out var content) || content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
            {
                return Fault.At($"{path}.content", "it is a text, or an array of blocks");
            }

            if ((last == "user" ? WriteUser(content, $"{path}.content", json) : AssistantTranslator.Write(content, $"{path}.content", json)) is { } error)
            {
                return error;
            }
        }

        json.WriteEndArray();
        return last == "assistant" ? Fault.At("messages", "the last message is the assistant's: to go on from a given beginning is not supported. End with a message of the user") : null;
    }

    /// <summary>Why a block of this type cannot be here.</summary>
    public static OpenAIError Refuse(string path, JsonElement block) => block.Text("type"u8) switch
    {
        null => Fault.At($"{path}.type", "a block is an object with a type"),
        "image" => Fault.At($"{path}.type", "images are not supported: the models here read texts"),
        var type => Fault.At($"{path}.type", $"a block '{type}' is not supported here"),
    };

    private static OpenAIError? WriteUser(JsonElement content, string path, Utf8JsonWriter json)
    {
        // 1. What tools answered, each a message.
        var texts = content.ValueKind == JsonValueKind.String ? 1 : 0;
        if (content.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var block in content.EnumerateArray())
            {
                var at = $"{path}.{index++}";
                switch (block.Text("type"u8))
                {
                    case "text":
                        texts++;
                        break;
                    case "tool_result" when WriteResult(block, at, json) is { } error:
                        return error;
                    case "tool_result":
                        break;
                    default:
                        return Refuse(at, block);
                }
            }

            if (index == 0)
            {
                return Fault.At(path, "at least one block is needed");
            }
        }

        // 2. What the user says.
        if (texts == 0)
        {
            return null;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "user"u8);
        var refused = WriteTexts(content, path, json);
        json.WriteEndObject();
        return refused;
    }

    private static OpenAIError? WriteResult(JsonElement block, string path, Utf8JsonWriter json)
    {
        if (block.Text("tool_use_id"u8) is not { } id)
        {
            return Fault.At($"{path}.tool_use_id", "it is needed");
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "tool"u8);
        json.WriteString("tool_call_id"u8, id);
        OpenAIError? refused = null;
        if (!block.TryGet("content"u8, out var content))
        {
            json.WriteString("content"u8, ""u8);
        }
        else if (content.ValueKind == JsonValueKind.Array
            && content.EnumerateArray().Select((part, index) => (part, index)).FirstOrDefault(one => one.part.Text("type"u8) != "text") is { part.ValueKind: not JsonValueKind.Undefined } other)
        {
            refused = Refuse($"{path}.content.{other.index}", other.part);
        }
        else
        {
            refused = WriteTexts(content, $"{path}.content", json);
        }

        json.WriteEndObject();
        return refused;
    }

    /// <summary>The member <c>content</c>: one text as it is, several as parts. Blocks of other types are the caller's to see to.</summary>
    private static OpenAIError? WriteTexts(JsonElement content, string path, Utf8JsonWriter json)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            json.WriteString("content"u8, content.GetString());
            return null;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return Fault.At(path, "it is a text, or an array of text blocks");
        }

        var texts = new List<string>();
        var index = 0;
        foreach (var block in content.EnumerateArray())
        {
            var at = $"{path}.{index++}";
            switch (block.Text("type"u8))
            {
                case "text" when block.Text("text"u8) is { } text:
                    texts.Add(text);
                    break;
                case "text":
                    return Fault.At($"{at}.text", "it is needed, a text");
                case "tool_result":
                    break;
                default:
                    return Refuse(at, block);
            }
        }

        if (texts.Count <= 1)
        {
            json.WriteString("content"u8, texts.FirstOrDefault() ?? "");
            return null;
        }

        json.WriteStartArray("content"u8);
        foreach (var text in texts)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        return null;
    }
}
