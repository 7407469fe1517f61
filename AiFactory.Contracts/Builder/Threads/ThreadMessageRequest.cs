namespace AiFactory.Contracts.Builder.Threads;

/// <param name="Content">1 to 32,000 characters.</param>
public sealed record ThreadMessageRequest(string? Content);
