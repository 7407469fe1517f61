using System.Text.Json;

namespace AiFactory.Contracts.OpenAI;

/// <summary><c>POST /v1/embeddings</c>: https://platform.openai.com/docs/api-reference/embeddings/create</summary>
public sealed record EmbeddingsRequest
{
    public string? Model { get; init; }

    /// <summary>A string, an array of strings, an array of tokens or an array of arrays of tokens.</summary>
    public JsonElement? Input { get; init; }

    /// <summary><c>float</c> (when null) or <c>base64</c>.</summary>
    public string? EncodingFormat { get; init; }

    public int? Dimensions { get; init; }
    public string? User { get; init; }

    /// <summary>Lower is earlier. Not OpenAI's: as vLLM has it.</summary>
    public int? Priority { get; init; }
}
