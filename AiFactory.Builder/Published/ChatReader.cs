using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Published;

/// <summary>Reads a chat with a published flow out of OpenAI's request.</summary>
internal static class ChatReader
{
    private const string Prefix = "flow/";

    /// <summary>The alias behind <c>flow/</c>; null for another model.</summary>
    internal static string? Alias(string? model) => model?.StartsWith(Prefix, StringComparison.Ordinal) == true ? model[Prefix.Length..] : null;

    /// <returns>Null when the request is one that a flow can answer.</returns>
    internal static OpenAIProblem? Read(ChatCompletionRequest request, out string question, out IReadOnlyList<FlowMessage> history)
    {
        question = "";
        history = [];
        if (request.Tools is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0)
        {
            return OpenAIProblem.Invalid("A flow has its own tools: it takes none with the request.", "tools", "unsupported_parameter");
        }

        if (request.N is > 1)
        {
            return OpenAIProblem.Invalid("A flow gives one answer: 'n' is at most 1.", "n", "unsupported_parameter");
        }

        if (request.Messages is not { Count: > 0 } messages)
        {
            return OpenAIProblem.Invalid("You must provide 'messages', with at least one in it.", "messages", "missing_required_parameter");
        }

        if (messages[^1].Role != "user")
        {
            return OpenAIProblem.Invalid("The last message must be the user's: a flow answers it.", "messages", "invalid_value");
        }

        // What a caller calls a system prompt is not the author's: a flow keeps to its own.
        var read = new List<FlowMessage>();
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { Role: "user" or "assistant" } message)
            {
                continue;
            }

            if (Text(message.Content) is not { } text)
            {
                return OpenAIProblem.Invalid("A flow reads text: a message's content is a text, or a list of parts of the type 'text'.", $"messages[{i}].content", "invalid_type");
            }

            read.Add(new FlowMessage(message.Role, text));
        }

        question = read[^1].Content;
        history = read[..^1];
        return null;
    }

    /// <summary>Of a text, or of parts like <c>{"type":"text","text":"..."}</c>; null for anything else.</summary>
    private static string? Text(JsonElement? content)
    {
        switch (content)
        {
            case null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined }:
                return "";
            case { ValueKind: JsonValueKind.String } text:
                return text.GetString();
            case { ValueKind: JsonValueKind.Array } parts:
                var joined = new StringBuilder();
                foreach (var part in parts.EnumerateArray())
                {
                    if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("text", out var piece) || piece.ValueKind != JsonValueKind.String)
                    {
                        return null;
                    }

                    joined.Append(piece.GetString());
                }

                return joined.ToString();
            default:
                return null;
        }
    }
}
