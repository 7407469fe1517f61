namespace AiFactory.Contracts.OpenAI;

/// <param name="Arguments">A piece of JSON.</param>
public sealed record ToolCallFunctionDelta(string? Name = null, string? Arguments = null);
