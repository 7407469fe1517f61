using System.Text.Json.Serialization;

namespace AiFactory.Contracts.OpenAI;

/// <summary>An answer, whole.</summary>
/// <param name="Content">Null when the model only calls tools.</param>
public sealed record ChatMessage(
    string Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal = null,
    IReadOnlyList<ToolCall>? ToolCalls = null)
{
    /// <summary>What the model thought before it answered. Not OpenAI's: as DeepSeek, llama-server and vLLM have it.</summary>
    public string? ReasoningContent { get; init; }
}
