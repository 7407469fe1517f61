namespace AiFactory.Contracts.OpenAI;

/// <param name="CachedTokens">Tokens of the prompt that had been computed for an earlier request.</param>
public sealed record PromptTokensDetails(int CachedTokens);
