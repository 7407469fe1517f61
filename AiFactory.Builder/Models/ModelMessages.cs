using System.Text.Json;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Models;

/// <summary>Messages as the builder writes them: plain text in each.</summary>
internal static class ModelMessages
{
    internal static ChatRequestMessage System(string text) => Of("system", text);

    internal static ChatRequestMessage User(string text) => Of("user", text);

    internal static ChatRequestMessage Assistant(string text) => Of("assistant", text);

    /// <summary>What a tool answered to the call with that id.</summary>
    internal static ChatRequestMessage Tool(string callId, string text) => Of("tool", text) with { ToolCallId = callId };

    internal static ChatRequestMessage Of(string role, string text) => new(role, JsonSerializer.SerializeToElement(text, OpenAIJson.Default.String));
}
