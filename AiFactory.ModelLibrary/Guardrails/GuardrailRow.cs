using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Contracts.Guardrails;

namespace AiFactory.ModelLibrary.Guardrails;

internal sealed record GuardrailRow
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Null for the whole factory.</summary>
    public string? Project { get; init; }

    /// <summary>A name; null for all that the project's callers use.</summary>
    public string? Deployment { get; init; }

    public required int Version { get; init; }

    /// <summary>JSON of <see cref="GuardrailRule"/>s.</summary>
    public required string Rules { get; init; }

    public required string UpdatedBy { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    internal static string ToJson(IReadOnlyList<GuardrailRule> rules) => JsonSerializer.Serialize(rules, Json);

    internal IReadOnlyList<GuardrailRule> Read() => JsonSerializer.Deserialize<GuardrailRule[]>(Rules, Json) ?? [];
}
