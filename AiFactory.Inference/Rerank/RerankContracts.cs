using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Inference.Rerank;

/// <summary><c>POST /v1/rerank</c>, as Cohere (https://docs.cohere.com/v1/reference/rerank) and Jina (https://jina.ai/reranker) have it.</summary>
/// <param name="Documents">Texts, or objects like <c>{"text":"..."}</c>.</param>
/// <param name="TopN">How many results; all when null.</param>
/// <param name="ReturnDocuments">Whether the results repeat the documents; they do not when null.</param>
internal sealed record RerankRequest(
    string? Model,
    string? Query,
    IReadOnlyList<JsonElement>? Documents,
    int? TopN,
    bool? ReturnDocuments,
    JsonElement? RankFields,
    int? MaxChunksPerDoc,
    int? MaxTokensPerDoc,
    int? TruncatePromptTokens);

/// <param name="Results">The most relevant first.</param>
internal sealed record RerankResponse(string Id, string Object, string Model, IReadOnlyList<RerankResult> Results, Usage Usage);

/// <param name="Index">Which of the request's documents.</param>
/// <param name="RelevanceScore">0 to 1 from a ranker; the cosine, -1 to 1, from an embedding model.</param>
internal sealed record RerankResult(int Index, double RelevanceScore, RerankDocument? Document);

internal sealed record RerankDocument(string Text);

/// <summary><c>POST /v1/score</c>, as vLLM has it: one text against several, or as many against as many.</summary>
/// <param name="Text1">A text or an array of texts, under <c>text_1</c>.</param>
internal sealed record ScoreRequest(
    string? Model,
    [property: JsonPropertyName("text_1")] JsonElement? Text1,
    [property: JsonPropertyName("text_2")] JsonElement? Text2,
    int? TruncatePromptTokens);

internal sealed record ScoreResponse(string Id, string Object, long Created, string Model, IReadOnlyList<ScoreData> Data, Usage Usage);

internal sealed record ScoreData(int Index, string Object, double Score);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RerankRequest))]
[JsonSerializable(typeof(RerankResponse))]
[JsonSerializable(typeof(ScoreRequest))]
[JsonSerializable(typeof(ScoreResponse))]
internal sealed partial class RerankJson : JsonSerializerContext;
