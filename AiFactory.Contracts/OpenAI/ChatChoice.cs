using System.Text.Json.Serialization;

namespace AiFactory.Contracts.OpenAI;

/// <param name="FinishReason">See <see cref="FinishReasons"/>.</param>
public sealed record ChatChoice(
    int Index,
    ChatMessage Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs = null);
