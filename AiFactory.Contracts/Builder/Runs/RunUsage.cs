namespace AiFactory.Contracts.Builder.Runs;

/// <summary>Tokens of all model calls of a run, those of the runs that its steps began too.</summary>
public sealed record RunUsage(long PromptTokens, long CompletionTokens);
