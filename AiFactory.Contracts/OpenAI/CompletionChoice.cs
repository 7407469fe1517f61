using System.Text.Json.Serialization;

namespace AiFactory.Contracts.OpenAI;

/// <param name="FinishReason">See <see cref="FinishReasons"/>; null in all chunks but the last.</param>
public sealed record CompletionChoice(
    int Index,
    string Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] CompletionLogprobs? Logprobs = null);
