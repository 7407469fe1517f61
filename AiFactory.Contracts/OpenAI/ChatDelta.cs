namespace AiFactory.Contracts.OpenAI;

/// <summary>What a chunk adds to the answer: the role in the first one, then text and calls; nothing in the last.</summary>
public sealed record ChatDelta(string? Role = null, string? Content = null, IReadOnlyList<ToolCallDelta>? ToolCalls = null)
{
    /// <summary>A piece of what the model thinks before it answers. Not OpenAI's: as DeepSeek, llama-server and vLLM have it.</summary>
    public string? ReasoningContent { get; init; }
}
