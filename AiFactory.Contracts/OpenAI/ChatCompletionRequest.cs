using System.Text.Json;

namespace AiFactory.Contracts.OpenAI;

/// <summary><c>POST /v1/chat/completions</c>: https://platform.openai.com/docs/api-reference/chat/create</summary>
public sealed record ChatCompletionRequest : GenerationParameters
{
    public IReadOnlyList<ChatRequestMessage>? Messages { get; init; }
    public int? MaxCompletionTokens { get; init; }
    public JsonElement? Tools { get; init; }
    public JsonElement? ToolChoice { get; init; }
    public JsonElement? Functions { get; init; }
    public JsonElement? ResponseFormat { get; init; }
    public bool? Logprobs { get; init; }
    public int? TopLogprobs { get; init; }
    public JsonElement? Modalities { get; init; }
}
