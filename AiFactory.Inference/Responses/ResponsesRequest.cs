using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Inference.Responses;

/// <summary><c>POST /v1/responses</c>: https://platform.openai.com/docs/api-reference/responses/create</summary>
internal sealed record ResponsesRequest
{
    public string? Model { get; init; }

    /// <summary>A text, or an array of items: messages, calls of functions and their results.</summary>
    public JsonElement? Input { get; init; }

    public string? Instructions { get; init; }
    public JsonElement? Tools { get; init; }
    public JsonElement? ToolChoice { get; init; }
    public bool? ParallelToolCalls { get; init; }
    public int? MaxOutputTokens { get; init; }
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public bool? Stream { get; init; }

    /// <summary><c>{"format":{"type":"json_schema","name":"...","schema":{...},"strict":true}}</c>.</summary>
    public JsonElement? Text { get; init; }

    /// <summary>Answered as it came.</summary>
    public JsonElement? Metadata { get; init; }

    public string? User { get; init; }
    public string? SafetyIdentifier { get; init; }
    public string? PromptCacheKey { get; init; }

    // Not OpenAI's: as vLLM and llama-server have them.
    public int? TopK { get; init; }
    public double? MinP { get; init; }
    public long? Seed { get; init; }
    public double? RepetitionPenalty { get; init; }
    public JsonElement? ChatTemplateKwargs { get; init; }
    public int? Priority { get; init; }

    // Refused by name, where they ask for something.
    public bool? Store { get; init; }
    public string? PreviousResponseId { get; init; }
    public JsonElement? Conversation { get; init; }
    public bool? Background { get; init; }
    public JsonElement? Include { get; init; }
    public JsonElement? Prompt { get; init; }
    public JsonElement? Reasoning { get; init; }
    public string? Truncation { get; init; }
    public int? TopLogprobs { get; init; }
    public int? MaxToolCalls { get; init; }
}

/// <summary>What a chat's tool is, beside what the request calls one: <c>{"type":"function","name":"..."}</c> becomes <c>{"type":"function","function":{"name":"..."}}</c>.</summary>
internal sealed record ChatTool(string Type, JsonElement Function);

internal sealed record ChatFunction(string Name);

internal sealed record ChatCall(string Id, string Type, ChatCallFunction Function);

internal sealed record ChatCallFunction(string Name, string Arguments);

internal sealed record ChatResponseFormat(string Type, JsonElement? JsonSchema);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ResponsesRequest))]
[JsonSerializable(typeof(ResponseObject))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(List<ChatTool>))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(List<ChatCall>))]
[JsonSerializable(typeof(ChatTool))]
[JsonSerializable(typeof(ChatFunction))]
[JsonSerializable(typeof(ChatResponseFormat))]
[JsonSerializable(typeof(string))]
internal sealed partial class ResponsesJson : JsonSerializerContext;
