using System.Text.Json;

namespace AiFactory.Contracts.OpenAI;

/// <summary><c>POST /v1/completions</c>: https://platform.openai.com/docs/api-reference/completions/create</summary>
public sealed record CompletionRequest : GenerationParameters
{
    /// <summary>A string, an array of strings, an array of tokens or an array of arrays of tokens.</summary>
    public JsonElement? Prompt { get; init; }

    public string? Suffix { get; init; }
    public bool? Echo { get; init; }
    public int? BestOf { get; init; }
    public int? Logprobs { get; init; }
}
