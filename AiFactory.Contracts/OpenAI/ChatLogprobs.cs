using System.Text.Json.Serialization;

namespace AiFactory.Contracts.OpenAI;

/// <summary>How probable the tokens of an answer were.</summary>
public sealed record ChatLogprobs(
    IReadOnlyList<ChatTokenLogprob> Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<ChatTokenLogprob>? Refusal = null);
