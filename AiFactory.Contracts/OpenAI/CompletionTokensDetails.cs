namespace AiFactory.Contracts.OpenAI;

/// <param name="ReasoningTokens">Of the tokens that were sampled, those that the model thought with, its marks among them.</param>
public sealed record CompletionTokensDetails(int ReasoningTokens);
