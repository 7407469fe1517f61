using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Responses;

/// <summary>From <c>instructions</c> and <c>input</c> to the messages of a chat. A message's text is checked where every chat's is.</summary>
internal static class ResponsesInputReader
{
    private const string Assistant = "assistant";
    private const int MostItems = 4096;

    public static OpenAIError? Read(ResponsesRequest request, out IReadOnlyList<ChatRequestMessage> messages)
    {
        var read = new List<ChatRequestMessage>();
        messages = read;
        if (request.Instructions is { Length: > 0 } instructions)
        {
            read.Add(new ChatRequestMessage("system", ToJson(instructions)));
        }

        switch (request.Input)
        {
            case { ValueKind: JsonValueKind.String } text:
                read.Add(new ChatRequestMessage("user", text));
                return null;
            case { ValueKind: JsonValueKind.Array } items when items.GetArrayLength() > MostItems:
                return OpenAIError.Invalid($"'input' has {items.GetArrayLength()} items, at most {MostItems} are allowed in one request.", "input");
            case { ValueKind: JsonValueKind.Array } items when items.GetArrayLength() > 0:
                return ReadItems(items, read);
            default:
                return OpenAIError.Invalid("You must provide 'input': a text, or an array of items.", "input");
        }
    }

    private static OpenAIError? ReadItems(JsonElement items, List<ChatRequestMessage> messages)
    {
        var (index, calls) = (0, new List<ChatCall>());
        foreach (var item in items.EnumerateArray())
        {
            if (ReadItem(item, $"input[{index++}]", messages, calls) is { } refusal)
            {
                return refusal;
            }
        }

        EndCalls(messages, calls);
        return null;
    }

    /// <param name="calls">Those of the turn that goes on.</param>
    private static OpenAIError? ReadItem(JsonElement item, string field, List<ChatRequestMessage> messages, List<ChatCall> calls)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return OpenAIError.Invalid("An item of 'input' is an object.", field);
        }

        var type = RequestValues.FindText(item, "type") ?? "message";
        if (type != "function_call")
        {
            EndCalls(messages, calls);
        }

        return type switch
        {
            "message" => ReadMessage(item, field, messages),
            "function_call" => ReadCall(item, field, calls),
            "function_call_output" => ReadResult(item, field, messages),
            _ => OpenAIError.Unsupported(field, $" with an item of type '{type}': message, function_call and function_call_output are"),
        };
    }

    private static OpenAIError? ReadMessage(JsonElement item, string field, List<ChatRequestMessage> messages)
    {
        if (ReadText(RequestValues.Find(item, "content"), $"{field}.content", out var text) is { } refusal)
        {
            return refusal;
        }

        messages.Add(new ChatRequestMessage(RequestValues.FindText(item, "role"), ToJson(text)));
        return null;
    }

    private static OpenAIError? ReadCall(JsonElement item, string field, List<ChatCall> calls)
    {
        if (RequestValues.FindText(item, "call_id") is not { Length: > 0 } id
            || RequestValues.FindText(item, "name") is not { Length: > 0 } name
            || RequestValues.FindText(item, "arguments") is not { } arguments)
        {
            return OpenAIError.Invalid("A function_call has a 'call_id', a 'name' and 'arguments', each a text.", field);
        }

        calls.Add(new ChatCall(id, "function", new ChatCallFunction(name, arguments)));
        return null;
    }

    /// <summary>The calls of one turn are one message, with the text before them: written once, when the last is read.</summary>
    private static void EndCalls(List<ChatRequestMessage> messages, List<ChatCall> calls)
    {
        if (calls.Count == 0)
        {
            return;
        }

        var message = new ChatRequestMessage(Assistant, null);
        if (messages is [.., { Role: Assistant } last])
        {
            message = last;
            messages.RemoveAt(messages.Count - 1);
        }

        messages.Add(message with { ToolCalls = JsonSerializer.SerializeToElement(calls, ResponsesJson.Default.ListChatCall) });
        calls.Clear();
    }

    private static OpenAIError? ReadResult(JsonElement item, string field, List<ChatRequestMessage> messages)
    {
        if (RequestValues.FindText(item, "call_id") is not { Length: > 0 } id)
        {
            return OpenAIError.Invalid("A function_call_output has a 'call_id'.", field);
        }

        if (ReadText(RequestValues.Find(item, "output"), $"{field}.output", out var text) is { } refusal)
        {
            return refusal;
        }

        messages.Add(new ChatRequestMessage("tool", ToJson(text), ToolCallId: id));
        return null;
    }

    /// <summary>A text, or parts: <c>[{"type":"input_text","text":"Hello"}]</c>.</summary>
    private static OpenAIError? ReadText(JsonElement? value, string field, out string text)
    {
        text = "";
        if (value is { ValueKind: JsonValueKind.String } whole)
        {
            text = RequestValues.Text(whole) ?? "";
            return RequestValues.Text(whole) is null ? OpenAIError.Invalid("A content is valid Unicode.", field) : null;
        }

        if (value is not { ValueKind: JsonValueKind.Array } parts)
        {
            return OpenAIError.Invalid("A content is a text or an array of parts.", field);
        }

        var joined = new StringBuilder();
        foreach (var part in parts.EnumerateArray())
        {
            var type = RequestValues.FindText(part, "type");
            if (type is not ("input_text" or "output_text" or "text" or "refusal"))
            {
                return OpenAIError.Unsupported(field, $" with a part of type '{type}': this model takes text only");
            }

            if (RequestValues.FindText(part, type == "refusal" ? type : "text") is not { } piece)
            {
                return OpenAIError.Invalid("A part of text has a 'text'.", field);
            }

            joined.Append(piece);
        }

        text = joined.ToString();
        return null;
    }

    private static JsonElement ToJson(string text) => JsonSerializer.SerializeToElement(text, ResponsesJson.Default.String);
}
