using System.Text.Json.Serialization;

namespace AiFactory.Contracts.OpenAI;

/// <summary>An answer, whole.</summary>
public sealed record ChatMessage(
    string Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal = null);
