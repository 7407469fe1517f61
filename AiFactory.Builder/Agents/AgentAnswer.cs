using AiFactory.Contracts.Builder.Knowledge;

namespace AiFactory.Builder.Agents;

/// <param name="Passages">What its searches found: <c>[1]</c> in the text is the first.</param>
/// <param name="Steps">How often the model was asked.</param>
internal sealed record AgentAnswer(string Text, IReadOnlyList<Passage> Passages, int Steps, long PromptTokens, long CompletionTokens)
{
    /// <summary>For example <c>manners@3</c>: what the answer was held to.</summary>
    internal IReadOnlyList<string> Rulesets { get; init; } = [];
}
