using System.Text.Json;

namespace AiFactory.Contracts.OpenAI;

/// <param name="Role">system, developer, user, assistant or tool.</param>
/// <param name="Content">A string, or an array of parts like <c>{"type":"text","text":"..."}</c>.</param>
public sealed record ChatRequestMessage(string? Role, JsonElement? Content, string? Name = null, JsonElement? ToolCalls = null);
