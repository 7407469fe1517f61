using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Inference.Rerank;

/// <summary><c>POST /v1/score</c>, as vLLM has it: one text against several, or as many against as many.</summary>
/// <param name="Text1">A text or an array of texts, under <c>text_1</c>.</param>
internal sealed record ScoreRequest(
    string? Model,
    [property: JsonPropertyName("text_1")] JsonElement? Text1,
    [property: JsonPropertyName("text_2")] JsonElement? Text2,
    int? TruncatePromptTokens,
    int? Priority = null);

internal sealed record ScoreResponse(string Id, string Object, long Created, string Model, IReadOnlyList<ScoreData> Data, Usage Usage);

internal sealed record ScoreData(int Index, string Object, double Score);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ScoreRequest))]
[JsonSerializable(typeof(ScoreResponse))]
internal sealed partial class ScoreJson : JsonSerializerContext;
