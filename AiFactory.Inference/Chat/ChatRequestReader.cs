using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Chat;

/// <summary>Checks what only chat completions ask for, and reads the conversation.</summary>
internal static class ChatRequestReader
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    public static OpenAIError? Read(ChatCompletionRequest request, out IReadOnlyList<(string Role, string Content)> messages)
    {
        messages = [];
        return RefuseUnsupported(request)
            ?? GenerationParametersReader.Between(request.MaxCompletionTokens, 1, int.MaxValue, "max_completion_tokens")
            ?? ReadMessages(request.Messages, out messages);
    }

    private static OpenAIError? RefuseUnsupported(ChatCompletionRequest request) =>
        !GenerationParametersReader.IsEmpty(request.Tools) ? OpenAIError.Unsupported("tools", "")
        : !GenerationParametersReader.IsEmpty(request.Functions) ? OpenAIError.Unsupported("functions", "")
        : request.ToolChoice is { ValueKind: not JsonValueKind.Null } choice && !(choice.ValueKind == JsonValueKind.String && choice.GetString() is "none" or "auto")
            ? OpenAIError.Unsupported("tool_choice", "")
        : request.Logprobs == true ? OpenAIError.Unsupported("logprobs", "")
        : request.TopLogprobs is > 0 ? OpenAIError.Unsupported("top_logprobs", "")
        : request.ResponseFormat is { ValueKind: not JsonValueKind.Null } format && !IsText(format) ? OpenAIError.Unsupported("response_format", " with other types than text")
        : request.Modalities is { ValueKind: JsonValueKind.Array } modalities && modalities.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String || item.GetString() != "text")
            ? OpenAIError.Unsupported("modalities", " other than text")
        : null;

    private static bool IsText(JsonElement format) =>
        format.ValueKind == JsonValueKind.Object && format.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "text";

    private static OpenAIError? ReadMessages(IReadOnlyList<ChatRequestMessage>? request, out IReadOnlyList<(string Role, string Content)> messages)
    {
        var read = new List<(string, string)>();
        messages = read;
        if (request is not { Count: > 0 })
        {
            return OpenAIError.Invalid("'messages' must have at least one message.", "messages");
        }

        for (var i = 0; i < request.Count; i++)
        {
            if (request[i] is not { Role: { } role } message || !Roles.Contains(role))
            {
                return OpenAIError.Invalid($"The role of a message is one of {string.Join(", ", Roles)}.", $"messages[{i}].role");
            }

            if (!GenerationParametersReader.IsEmpty(message.ToolCalls))
            {
                return OpenAIError.Unsupported($"messages[{i}].tool_calls", "");
            }

            if (ReadContent(message.Content, $"messages[{i}].content", out var content) is { } error)
            {
                return error;
            }

            // Templates were made before OpenAI renamed the system's role.
            read.Add((role == "developer" ? "system" : role, content));
        }

        return null;
    }

    /// <summary>A string, or parts of text, joined: <c>[{"type":"text","text":"Hello"}]</c>.</summary>
    private static OpenAIError? ReadContent(JsonElement? value, string field, out string content)
    {
        content = "";
        switch (value)
        {
            case { ValueKind: JsonValueKind.String } text:
                content = text.GetString() ?? "";
                break;
            case { ValueKind: JsonValueKind.Array } parts:
                var joined = new StringBuilder();
                foreach (var part in parts.EnumerateArray())
                {
                    if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
                    {
                        return OpenAIError.Invalid("A part of a content is an object with a 'type'.", field);
                    }

                    if (type.GetString() != "text")
                    {
                        return OpenAIError.Unsupported(field, $" with a part of type '{type.GetString()}': this model takes text only");
                    }

                    if (!part.TryGetProperty("text", out var partText) || partText.ValueKind != JsonValueKind.String)
                    {
                        return OpenAIError.Invalid("A text part has a 'text'.", field);
                    }

                    joined.Append(partText.GetString());
                }

                content = joined.ToString();
                break;
            default:
                return OpenAIError.Invalid("The content of a message is a string or an array of parts.", field);
        }

        return content.Contains('\0', StringComparison.Ordinal) ? OpenAIError.Invalid("A content has no null character.", field) : null;
    }
}
