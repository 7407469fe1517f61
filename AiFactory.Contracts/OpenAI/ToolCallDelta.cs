namespace AiFactory.Contracts.OpenAI;

/// <summary>What a chunk adds to a call: id, type and name in the call's first one, then pieces of the arguments.</summary>
/// <param name="Index">Which call of the answer, counted from 0.</param>
public sealed record ToolCallDelta(int Index, ToolCallFunctionDelta Function, string? Id = null, string? Type = null);
