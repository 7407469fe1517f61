namespace AiFactory.Contracts.OpenAI;

/// <param name="Arguments">JSON, as a text.</param>
public sealed record ToolCallFunction(string Name, string Arguments);
