using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Chat;

/// <summary>Checks the messages of a chat.</summary>
internal static class ChatMessageReader
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    public static OpenAIError? Read(IReadOnlyList<ChatRequestMessage>? request, out IReadOnlyList<ChatTurn> turns)
    {
        var read = new List<ChatTurn>();
        turns = read;
        if (request is not { Count: > 0 })
        {
            return OpenAIError.Invalid("'messages' must have at least one message.", "messages");
        }

        for (var i = 0; i < request.Count; i++)
        {
            if (request[i] is not { Role: { } role } message || Array.IndexOf(Roles, role) is not (>= 0 and var known))
            {
                return OpenAIError.Invalid($"The role of a message is one of {string.Join(", ", Roles)}.", $"messages[{i}].role");
            }

            var content = "";
            string? thought = null;
            if ((ReadToolCalls(message, $"messages[{i}].tool_calls", out var calls)
                ?? ReadContent(message.Content, $"messages[{i}].content", calls is not null, out content)
                ?? ReadThought(message, $"messages[{i}]", out thought)) is { } error)
            {
                return error;
            }

            // Templates were made before OpenAI renamed the system's role.
            read.Add(new ChatTurn(role == "developer" ? "system" : Roles[known], content, message.Name, message.ToolCallId, calls) { Thought = thought });
        }

        return null;
    }

    /// <summary>A string, or parts of text, joined: <c>[{"type":"text","text":"Hello"}]</c>. A message that calls tools may have none.</summary>
    private static OpenAIError? ReadContent(JsonElement? value, string field, bool mayBeAbsent, out string content)
    {
        content = "";
        switch (value)
        {
            case null or { ValueKind: JsonValueKind.Null } when mayBeAbsent:
                return null;
            case { ValueKind: JsonValueKind.String } text:
                if (RequestValues.Text(text) is not { } read)
                {
                    return OpenAIError.Invalid("A content is valid Unicode.", field);
                }

                content = read;
                break;
            case { ValueKind: JsonValueKind.Array } parts:
                if (ReadParts(parts, field, out content) is { } error)
                {
                    return error;
                }

                break;
            default:
                return OpenAIError.Invalid("The content of a message is a string or an array of parts.", field);
        }

        return content.Contains('\0', StringComparison.Ordinal) ? OpenAIError.Invalid("A content has no null character.", field) : null;
    }

    /// <summary>As <c>reasoning_content</c>, which answers have, or by its other name. Empty is none.</summary>
    private static OpenAIError? ReadThought(ChatRequestMessage message, string place, out string? thought)
    {
        thought = null;
        foreach (var (value, name) in new[] { (message.ReasoningContent, "reasoning_content"), (message.Reasoning, "reasoning") })
        {
            if (value is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given)
            {
                continue;
            }

            if (message.Role != "assistant")
            {
                return OpenAIError.Invalid($"Only a message of the assistant has a '{name}'.", $"{place}.{name}");
            }

            if (RequestValues.Text(given) is not { } text || text.Contains('\0', StringComparison.Ordinal))
            {
                return OpenAIError.Invalid($"The '{name}' of a message is a text, without null characters.", $"{place}.{name}");
            }

            thought ??= text.Length == 0 ? null : text;
        }

        return null;
    }

    private static OpenAIError? ReadParts(JsonElement parts, string field, out string content)
    {
        content = "";
        var joined = new StringBuilder();
        foreach (var part in parts.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.Object || RequestValues.FindText(part, "type") is not { } type)
            {
                return OpenAIError.Invalid("A part of a content is an object with a 'type'.", field);
            }

            if (type != "text")
            {
                return OpenAIError.Unsupported(field, $" with a part of type '{type}': this model takes text only");
            }

            if (RequestValues.FindText(part, "text") is not { } text)
            {
                return OpenAIError.Invalid("A text part has a 'text'.", field);
            }

            joined.Append(text);
        }

        content = joined.ToString();
        return null;
    }

    private static OpenAIError? ReadToolCalls(ChatRequestMessage message, string field, out ListValue? calls)
    {
        calls = null;
        if (GenerationParametersReader.IsEmpty(message.ToolCalls))
        {
            return null;
        }

        if (message.Role != "assistant")
        {
            return OpenAIError.Invalid("Only a message of the assistant has 'tool_calls'.", field);
        }

        if (message.ToolCalls is not { ValueKind: JsonValueKind.Array } array)
        {
            return OpenAIError.Invalid("'tool_calls' is an array.", field);
        }

        var read = new List<TemplateValue>();
        foreach (var call in array.EnumerateArray())
        {
            if (ReadToolCall(call, $"{field}[{read.Count}]", out var value) is { } error)
            {
                return error;
            }

            read.Add(value);
        }

        calls = new ListValue(read);
        return null;
    }

    private static OpenAIError? ReadToolCall(JsonElement call, string field, out TemplateValue value)
    {
        value = NoneValue.Instance;
        if (RequestValues.Find(call, "function") is not { ValueKind: JsonValueKind.Object } function)
        {
            return OpenAIError.Invalid("A tool call is an object with an object 'function'.", $"{field}.function");
        }

        if (RequestValues.FindText(function, "name") is not { Length: > 0 } name)
        {
            return OpenAIError.Invalid("The function of a tool call has a 'name'.", $"{field}.function.name");
        }

        if (ReadArguments(function, $"{field}.function.arguments", out var arguments) is { } error)
        {
            return error;
        }

        value = new MapValue(
        [
            Entry("id", StringValue.FromRequest(RequestValues.FindText(call, "id") ?? "")),
            Entry("type", StringValue.FromTemplate("function")),
            Entry("function", new MapValue([Entry("name", StringValue.FromRequest(name)), Entry("arguments", arguments)])),
        ]);
        return null;
    }

    /// <summary>
    /// JSON in a text, as OpenAI sends it: templates want it read. None is as good as an empty object. Whatever is no object stays a text: a model may have written it, and a client sends back what it was told.
    /// </summary>
    private static OpenAIError? ReadArguments(JsonElement function, string field, out TemplateValue arguments)
    {
        arguments = new MapValue([]);
        if (RequestValues.FindText(function, "arguments") is not { } text)
        {
            return OpenAIError.Invalid("The 'arguments' of a tool call are a string.", field);
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (!TryReadObject(text, field, out arguments))
        {
            arguments = StringValue.FromRequest(text);
        }

        return null;
    }

    private static bool TryReadObject(string text, string field, out TemplateValue value)
    {
        value = NoneValue.Instance;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object && RequestValues.Read(document.RootElement, field, out value) is null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static KeyValuePair<TemplateValue, TemplateValue> Entry(string key, TemplateValue value) => KeyValuePair.Create((TemplateValue)StringValue.FromTemplate(key), value);
}
