namespace AiFactory.Contracts.OpenAI;

/// <summary>What a chunk adds to the answer: the role in the first one, then text and calls; nothing in the last.</summary>
public sealed record ChatDelta(string? Role = null, string? Content = null, IReadOnlyList<ToolCallDelta>? ToolCalls = null);
