using System.Text.Json;
using AiFactory.Gateway.Anthropic;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Upstreams.Anthropic;

/// <summary>
/// <c>messages</c> as <c>system</c> and turns that alternate: what tools answered, and what the user says to it, are one turn of the user.
/// <code>
/// {"role":"tool","tool_call_id":"c1","content":"14 C"}, {"role":"user","content":"And tomorrow?"}
/// {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"14 C"},{"type":"text","text":"And tomorrow?"}]}
/// </code>
/// What a system says in between is said at the beginning too, for there is no other place for it.
/// </summary>
internal static class AnthropicTurns
{
    private const string User = "user";
    private const string Assistant = "assistant";

    public static OpenAIError? Write(JsonElement root, Utf8JsonWriter json)
    {
        if (!root.TryGet("messages"u8, out var messages) || messages.ValueKind != JsonValueKind.Array)
        {
            return AnthropicRequest.Fault("messages", "it is an array of messages");
        }

        if (WriteSystem(messages, json) is { } refused)
        {
            return refused;
        }

        json.WriteStartArray("messages"u8);
        var turns = new Turns(json);
        var index = 0;
        foreach (var message in messages.EnumerateArray())
        {
            var path = $"messages[{index++}]";
            var error = message.Text("role"u8) switch
            {
                "system" or "developer" => null,
                "user" => WriteParts(message, path, User, turns),
                "assistant" => WriteParts(message, path, Assistant, turns) ?? WriteCalls(message, path, turns),
                "tool" => WriteResult(message, path, turns),
                var role => AnthropicRequest.Fault($"{path}.role", $"there is no '{role}'"),
            };
            if (error is not null)
            {
                return error;
            }
        }

        turns.End();
        json.WriteEndArray();
        return null;
    }

    private static OpenAIError? WriteSystem(JsonElement messages, Utf8JsonWriter json)
    {
        var begun = false;
        var index = 0;
        foreach (var message in messages.EnumerateArray())
        {
            var path = $"messages[{index++}].content";
            if (message.Text("role"u8) is not ("system" or "developer") || !message.TryGet("content"u8, out var content))
            {
                continue;
            }

            foreach (var part in PartsOf(content))
            {
                if (TextOf(part) is not { } text)
                {
                    return AnthropicRequest.Fault(path, "a system says texts alone");
                }

                if (text.Length == 0)
                {
                    continue;
                }

                if (!begun)
                {
                    json.WriteStartArray("system"u8);
                    begun = true;
                }

                WriteText(text, json);
            }
        }

        if (begun)
        {
            json.WriteEndArray();
        }

        return null;
    }

    private static OpenAIError? WriteParts(JsonElement message, string path, string role, Turns turns)
    {
        if (!message.TryGet("content"u8, out var content))
        {
            return null;
        }

        foreach (var part in PartsOf(content))
        {
            if (TextOf(part) is { } text)
            {
                // Anthropic refuses a text that is empty.
                if (text.Length > 0)
                {
                    WriteText(text, turns.In(role));
                }
            }
            else if (WriteImage(part, $"{path}.content", () => turns.In(role)) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private static OpenAIError? WriteCalls(JsonElement message, string path, Turns turns)
    {
        if (!message.TryGet("tool_calls"u8, out var calls) || calls.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        foreach (var call in calls.EnumerateArray())
        {
            if (call.Text("id"u8) is not { } id || !call.TryGet("function"u8, out var function) || function.Text("name"u8) is not { } name)
            {
                return AnthropicRequest.Fault($"{path}.tool_calls", "a call has an id, and a function with a name");
            }

            using var input = Parse(function.Text("arguments"u8));
            if (input is null)
            {
                return AnthropicRequest.Fault($"{path}.tool_calls", $"the arguments of '{name}' are no JSON object");
            }

            var json = turns.In(Assistant);
            json.WriteStartObject();
            json.WriteString("type"u8, "tool_use"u8);
            json.WriteString("id"u8, id);
            json.WriteString("name"u8, name);
            json.WritePropertyName("input"u8);
            input.RootElement.WriteTo(json);
            json.WriteEndObject();
        }

        return null;
    }

    private static OpenAIError? WriteResult(JsonElement message, string path, Turns turns)
    {
        if (message.Text("tool_call_id"u8) is not { } id)
        {
            return AnthropicRequest.Fault($"{path}.tool_call_id", "it is needed");
        }

        var json = turns.In(User);
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_result"u8);
        json.WriteString("tool_use_id"u8, id);
        if (message.TryGet("content"u8, out var content))
        {
            json.WriteStartArray("content"u8);
            foreach (var part in PartsOf(content))
            {
                if (TextOf(part) is { } text)
                {
                    if (text.Length > 0)
                    {
                        WriteText(text, json);
                    }
                }
                else if (WriteImage(part, $"{path}.content", () => json) is { } error)
                {
                    return error;
                }
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        return null;
    }

    private static JsonElement[] PartsOf(JsonElement content) => content.ValueKind == JsonValueKind.Array ? [.. content.EnumerateArray()] : [content];

    private static string? TextOf(JsonElement part) => part.ValueKind == JsonValueKind.String ? part.GetString() : part.Text("type"u8) switch
    {
        "text" => part.Text("text"u8),
        "refusal" => part.Text("refusal"u8),
        _ => null,
    };

    private static void WriteText(string text, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    /// <summary><c>{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO..."}}</c>, or with an address.</summary>
    private static OpenAIError? WriteImage(JsonElement part, string path, Func<Utf8JsonWriter> place)
    {
        const string data = "data:";
        const string base64 = ";base64,";
        if (part.Text("type"u8) != "image_url" || !part.TryGet("image_url"u8, out var image) || (image.ValueKind == JsonValueKind.String ? image.GetString() : image.Text("url"u8)) is not { } url)
        {
            return AnthropicRequest.Fault(path, $"a part '{part.Text("type"u8)}' is not supported there, only texts and images");
        }

        var mark = url.IndexOf(base64, StringComparison.Ordinal);
        var isData = url.StartsWith(data, StringComparison.OrdinalIgnoreCase);
        if (isData ? mark < 0 : !url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && !url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            return AnthropicRequest.Fault(path, "an image has an address, or its bytes as 'data:image/png;base64,...'");
        }

        var json = place();
        json.WriteStartObject();
        json.WriteString("type"u8, "image"u8);
        json.WriteStartObject("source"u8);
        json.WriteString("type"u8, isData ? "base64" : "url");
        if (isData)
        {
            json.WriteString("media_type"u8, url.AsSpan(data.Length, mark - data.Length));
            json.WriteString("data"u8, url.AsSpan(mark + base64.Length));
        }
        else
        {
            json.WriteString("url"u8, url);
        }

        json.WriteEndObject();
        json.WriteEndObject();
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

    /// <summary>Opens a turn with its first block, and closes it with the first of the other's.</summary>
    private sealed class Turns(Utf8JsonWriter json)
    {
        private string _role = "";

        public Utf8JsonWriter In(string role)
        {
            if (_role != role)
            {
                End();
                _role = role;
                json.WriteStartObject();
                json.WriteString("role"u8, role);
                json.WriteStartArray("content"u8);
            }

            return json;
        }

        public void End()
        {
            if (_role.Length > 0)
            {
                json.WriteEndArray();
                json.WriteEndObject();
            }
        }
    }
}
