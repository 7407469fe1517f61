using System.Text.Json;

namespace AiFactory.Contracts.OpenAI;

/// <summary><c>POST /v1/rerank</c>. Not OpenAI's: as Cohere (https://docs.cohere.com/v1/reference/rerank) and Jina (https://jina.ai/reranker) have it.</summary>
public sealed record RerankRequest
{
    public string? Model { get; init; }
    public string? Query { get; init; }

    /// <summary>Texts, or objects like <c>{"text":"..."}</c>.</summary>
    public IReadOnlyList<JsonElement>? Documents { get; init; }

    /// <summary>How many results; all when null.</summary>
    public int? TopN { get; init; }

    /// <summary>Whether the results repeat the documents; they do not when null.</summary>
    public bool? ReturnDocuments { get; init; }

    public JsonElement? RankFields { get; init; }
    public int? MaxChunksPerDoc { get; init; }
    public int? MaxTokensPerDoc { get; init; }
    public int? TruncatePromptTokens { get; init; }

    /// <summary>Lower is earlier. Not OpenAI's: as vLLM has it.</summary>
    public int? Priority { get; init; }
}
