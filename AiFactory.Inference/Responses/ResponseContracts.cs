using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Inference.Responses;

/// <param name="Object"><c>response</c>.</param>
/// <param name="Status">in_progress, completed, incomplete or failed.</param>
/// <param name="ToolChoice">As the request had it.</param>
internal sealed record ResponseObject(
    string Id,
    string Object,
    long CreatedAt,
    string Status,
    string Model,
    IReadOnlyList<OutputItem> Output,
    bool ParallelToolCalls,
    JsonElement ToolChoice,
    JsonElement Tools,
    JsonElement Text,
    JsonElement Metadata,
    string Truncation,
    bool Store,
    bool Background)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ResponseError? Error { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IncompleteDetails? IncompleteDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Instructions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? MaxOutputTokens { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? PreviousResponseId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? Temperature { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? TopP { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ResponseUsage? Usage { get; init; }

    public string? User { get; init; }
    public string? SafetyIdentifier { get; init; }
    public string? PromptCacheKey { get; init; }
}

internal sealed record ResponseError(string Code, string Message);

internal sealed record IncompleteDetails(string Reason);

internal sealed record ResponseUsage(int InputTokens, InputTokensDetails InputTokensDetails, int OutputTokens, OutputTokensDetails OutputTokensDetails, int TotalTokens)
{
    public static ResponseUsage From(Usage usage) => new(
        usage.PromptTokens, new InputTokensDetails(usage.PromptTokensDetails?.CachedTokens ?? 0), usage.CompletionTokens ?? 0, new OutputTokensDetails(usage.CompletionTokensDetails?.ReasoningTokens ?? 0), usage.TotalTokens);
}

internal sealed record InputTokensDetails(int CachedTokens);

internal sealed record OutputTokensDetails(int ReasoningTokens);

/// <summary>A message, a call of a function, or what the model thought before.</summary>
/// <param name="Type">message, function_call or reasoning.</param>
/// <param name="Status">in_progress, completed or incomplete.</param>
internal sealed record OutputItem(string Type, string Id, string Status)
{
    public string? Role { get; init; }
    public IReadOnlyList<OutputText>? Content { get; init; }

    /// <summary>Of thoughts: none, for they are told whole, in the content. Clients want the member.</summary>
    public IReadOnlyList<string>? Summary { get; init; }

    public string? CallId { get; init; }
    public string? Name { get; init; }
    public string? Arguments { get; init; }
}

/// <param name="Type">output_text or reasoning_text.</param>
/// <param name="Annotations">None; what was thought has not even the member.</param>
/// <param name="Logprobs">None; clients want the member.</param>
internal sealed record OutputText(string Type, string Text, IReadOnlyList<string>? Annotations, IReadOnlyList<string>? Logprobs);

/// <summary>One event of a stream; each type has some of the members: https://platform.openai.com/docs/api-reference/responses-streaming</summary>
/// <param name="Type">For example <c>response.output_text.delta</c>, which is the event's name too.</param>
internal sealed record ResponseEvent(string Type, int SequenceNumber)
{
    public ResponseObject? Response { get; init; }
    public string? ItemId { get; init; }
    public int? OutputIndex { get; init; }
    public int? ContentIndex { get; init; }
    public OutputItem? Item { get; init; }
    public OutputText? Part { get; init; }
    public string? Delta { get; init; }

    /// <summary>None; events of a text have the member.</summary>
    public IReadOnlyList<string>? Logprobs { get; init; }

    public string? Text { get; init; }
    public string? Name { get; init; }
    public string? Arguments { get; init; }
}
