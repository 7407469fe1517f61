using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Responses;

/// <summary>From a request for a response to the chat that answers it. What would need a store of responses is refused by name; the rest is checked where every chat is.</summary>
internal static partial class ResponsesRequestReader
{
    /// <summary>OpenAI's own limit.</summary>
    private const int MostMetadata = 16;

    /// <summary>Fields of the chat that a refusal may name, and what they are called here; the longer ones first.</summary>
    private static readonly (string Chat, string Here)[] Names =
    [
        ("response_format.json_schema", "text.format"),
        ("response_format", "text.format"),
        ("max_completion_tokens", "max_output_tokens"),
        ("max_tokens", "max_output_tokens"),
        ("tool_choice.function", "tool_choice"),
        ("messages", "input"),
        ("reasoning_effort", "reasoning.effort"),
    ];

    public static OpenAIError? Read(ResponsesRequest request, out ChatCompletionRequest chat)
    {
        IReadOnlyList<ChatRequestMessage> messages = [];
        JsonElement? tools = null, choice = null, format = null;
        string? effort = null;
        var error = ReadTexts(request)
            ?? CheckMetadata(request.Metadata)
            ?? RefuseUnsupported(request)
            ?? GenerationParametersReader.Between(request.MaxOutputTokens, 1, int.MaxValue, "max_output_tokens")
            ?? ResponsesInputReader.Read(request, out messages)
            ?? ReadTools(request.Tools, out tools)
            ?? ReadChoice(request.ToolChoice, out choice)
            ?? ReadReasoning(request.Reasoning, out effort)
            ?? ReadFormat(request.Text, out format);
        chat = new ChatCompletionRequest
        {
            Model = request.Model,
            Messages = messages,
            MaxCompletionTokens = request.MaxOutputTokens,
            Temperature = request.Temperature,
            TopP = request.TopP,
            TopK = request.TopK,
            MinP = request.MinP,
            Seed = request.Seed,
            RepetitionPenalty = request.RepetitionPenalty,
            ChatTemplateKwargs = request.ChatTemplateKwargs,
            Priority = request.Priority,
            Tools = tools,
            ToolChoice = choice,
            ParallelToolCalls = request.ParallelToolCalls,
            ResponseFormat = format,
            ReasoningEffort = effort,
            Stream = request.Stream,
            StreamOptions = request.Stream == true ? new StreamOptions(true) : null,
        };
        return error;
    }

    /// <summary>The chat's refusal in this route's words. Messages are not its items one by one, so that their places are left out.</summary>
    public static OpenAIError Translate(OpenAIError error)
    {
        var (param, message) = (error.Body.Param, error.Body.Message);
        if (param is null)
        {
            return error;
        }

        var found = Array.Find(Names, name => param == name.Chat || param.StartsWith($"{name.Chat}[", StringComparison.Ordinal) || param.StartsWith($"{name.Chat}.", StringComparison.Ordinal));
        var here = found.Chat is null ? ToolField().Replace(param, "$1")
            : found.Chat == "messages" ? found.Here
            : found.Here + param[found.Chat.Length..];
        foreach (var (chat, own) in Names)
        {
            message = message.Replace($"'{chat}", $"'{own}", StringComparison.Ordinal);
        }

        return error with { Body = error.Body with { Param = here, Message = message.Replace($"'{param}'", $"'{here}'", StringComparison.Ordinal) } };
    }

    /// <summary>A function's members stand in the tool itself.</summary>
    [GeneratedRegex("^(tools\\[[0-9]+\\])\\.function")]
    private static partial Regex ToolField();

    /// <summary>What is answered as it came must be writable: half of a surrogate pair is not, and would be found out behind the whole generation.</summary>
    private static OpenAIError? ReadTexts(ResponsesRequest request)
    {
        foreach (var (value, field) in new[] { (request.Tools, "tools"), (request.ToolChoice, "tool_choice"), (request.Text, "text"), (request.Metadata, "metadata") })
        {
            if (value is { } given && RequestValues.Read(given, field, out _) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static OpenAIError? CheckMetadata(JsonElement? value) =>
        GenerationParametersReader.IsEmpty(value) || (value is { ValueKind: JsonValueKind.Object } all && all.EnumerateObject().Count() <= MostMetadata && all.EnumerateObject().All(one => one.Value.ValueKind == JsonValueKind.String))
            ? null
            : OpenAIError.Invalid($"'metadata' is an object of at most {MostMetadata} texts.", "metadata");

    private static OpenAIError? RefuseUnsupported(ResponsesRequest request) =>
        request.Store == true ? OpenAIError.Unsupported("store", ": this worker keeps no responses")
        : !string.IsNullOrEmpty(request.PreviousResponseId) ? OpenAIError.Unsupported("previous_response_id", ": this worker keeps no responses; send the former items in 'input'")
        : !GenerationParametersReader.IsEmpty(request.Conversation) ? OpenAIError.Unsupported("conversation", ": this worker keeps no conversations; send the former items in 'input'")
        : request.Background == true ? OpenAIError.Unsupported("background", "")
        : !GenerationParametersReader.IsEmpty(request.Prompt) ? OpenAIError.Unsupported("prompt", ": this worker keeps no prompts")
        : !GenerationParametersReader.IsEmpty(request.Include) ? OpenAIError.Unsupported("include", "")
        : request.Truncation is not (null or "disabled") ? OpenAIError.Unsupported("truncation", " with other values than disabled")
        : request.TopLogprobs is > 0 ? OpenAIError.Unsupported("top_logprobs", "")
        : request.MaxToolCalls is not null ? OpenAIError.Unsupported("max_tool_calls", "")
        : null;

    private static OpenAIError? ReadTools(JsonElement? value, out JsonElement? tools)
    {
        tools = null;
        if (GenerationParametersReader.IsEmpty(value))
        {
            return null;
        }

        if (value is not { ValueKind: JsonValueKind.Array } array)
        {
            return OpenAIError.Invalid("'tools' must be an array.", "tools");
        }

        var read = new List<ChatTool>();
        foreach (var tool in array.EnumerateArray())
        {
            if (RequestValues.FindText(tool, "type") is not "function")
            {
                return OpenAIError.Unsupported($"tools[{read.Count}]", $" with the type '{RequestValues.FindText(tool, "type")}': only functions are");
            }

            var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var member in tool.EnumerateObject().Where(member => member.Name != "type"))
            {
                members[member.Name] = member.Value;
            }

            read.Add(new ChatTool("function", JsonSerializer.SerializeToElement(members, ResponsesJson.Default.DictionaryStringJsonElement)));
        }

        tools = JsonSerializer.SerializeToElement(read, ResponsesJson.Default.ListChatTool);
        return null;
    }

    private static OpenAIError? ReadChoice(JsonElement? value, out JsonElement? choice)
    {
        choice = value;
        if (value is not { ValueKind: JsonValueKind.Object } element)
        {
            return null;
        }

        if (RequestValues.FindText(element, "type") is not "function" || RequestValues.FindText(element, "name") is not { Length: > 0 } name)
        {
            return OpenAIError.Unsupported("tool_choice", $" with the type '{RequestValues.FindText(element, "type")}': auto, none, required and a function's name are");
        }

        choice = JsonSerializer.SerializeToElement(new ChatTool("function", JsonSerializer.SerializeToElement(new ChatFunction(name), ResponsesJson.Default.ChatFunction)), ResponsesJson.Default.ChatTool);
        return null;
    }

    /// <summary><c>{"effort":"low","summary":"auto"}</c>. No summary is made: thoughts are told whole.</summary>
    private static OpenAIError? ReadReasoning(JsonElement? value, out string? effort)
    {
        effort = null;
        if (GenerationParametersReader.IsEmpty(value))
        {
            return null;
        }

        if (value is not { ValueKind: JsonValueKind.Object } reasoning)
        {
            return OpenAIError.Invalid("'reasoning' is an object.", "reasoning");
        }

        effort = RequestValues.FindText(reasoning, "effort");
        return RequestValues.Find(reasoning, "effort") is { ValueKind: not JsonValueKind.Null } && effort is null ? OpenAIError.Invalid("'reasoning.effort' is a word.", "reasoning.effort")
            : RequestValues.FindText(reasoning, "summary") is { } summary && summary != "auto" ? OpenAIError.Unsupported("reasoning.summary", " with other values than auto: thoughts are told whole, and no summary is made")
            : null;
    }

    /// <summary>A schema's name, schema and strictness stand beside its type here, and one level deeper in a chat.</summary>
    private static OpenAIError? ReadFormat(JsonElement? text, out JsonElement? format)
    {
        format = null;
        if (GenerationParametersReader.IsEmpty(text))
        {
            return null;
        }

        if (text is not { ValueKind: JsonValueKind.Object } element)
        {
            return OpenAIError.Invalid("'text' is an object.", "text");
        }

        if (RequestValues.Find(element, "verbosity") is { ValueKind: not JsonValueKind.Null } && RequestValues.FindText(element, "verbosity") != "medium")
        {
            return OpenAIError.Unsupported("text.verbosity", " with other values than medium");
        }

        if (RequestValues.Find(element, "format") is not { ValueKind: not JsonValueKind.Null } given)
        {
            return null;
        }

        if (RequestValues.FindText(given, "type") is not { } type)
        {
            return OpenAIError.Invalid("'text.format' is an object with a 'type'.", "text.format");
        }

        format = type == "text" ? null : JsonSerializer.SerializeToElement(new ChatResponseFormat(type, type == "json_schema" ? given : null), ResponsesJson.Default.ChatResponseFormat);
        return null;
    }
}
