namespace AiFactory.Contracts.OpenAI;

/// <summary>Tokens of one request.</summary>
/// <param name="CompletionTokens">Every token that was sampled, the one that ended the answer included; absent for embeddings.</param>
public sealed record Usage(int PromptTokens, int? CompletionTokens, int TotalTokens)
{
    /// <summary>Absent for embeddings.</summary>
    public PromptTokensDetails? PromptTokensDetails { get; init; }

    /// <summary>Absent for models that mark no thoughts.</summary>
    public CompletionTokensDetails? CompletionTokensDetails { get; init; }
}
