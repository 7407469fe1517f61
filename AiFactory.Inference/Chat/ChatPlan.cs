using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Native;
using AiFactory.Inference.Reasoning;
using AiFactory.Inference.Tools;

namespace AiFactory.Inference.Chat;

/// <summary>A chat request that is checked, before it is rendered.</summary>
/// <param name="Conversation">With the tools that the model is shown, and what its answer begins with.</param>
internal sealed record ChatPlan(ChatPrompt Prompt, Conversation Conversation, ToolUse Tools, LlamaSamplerOptions Sampling, IReadOnlyList<string> Stop, AnswerRules Rules)
{
    /// <summary>What becomes of the model's thoughts; null when it marks none.</summary>
    public ReasoningUse? Reasoning { get; init; }
}
