using System.Text.Json;

namespace AiFactory.Contracts.OpenAI;

/// <param name="Role">system, developer, user, assistant or tool.</param>
/// <param name="Content">A string, or an array of parts like <c>{"type":"text","text":"..."}</c>.</param>
/// <param name="ToolCalls">An assistant's: an array of <see cref="ToolCall"/>.</param>
/// <param name="ToolCallId">A tool's: which call it answers.</param>
public sealed record ChatRequestMessage(string? Role, JsonElement? Content, string? Name = null, JsonElement? ToolCalls = null, string? ToolCallId = null)
{
    /// <summary>An assistant's: what it thought, a text. Not OpenAI's; <see cref="Reasoning"/> is its other name.</summary>
    public JsonElement? ReasoningContent { get; init; }

    public JsonElement? Reasoning { get; init; }
}
