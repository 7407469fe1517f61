namespace AiFactory.Contracts.Builder.Runs;

/// <summary>Tokens of all model calls of a run.</summary>
public sealed record RunUsage(long PromptTokens, long CompletionTokens);
