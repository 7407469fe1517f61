using AiFactory.Inference.Engine.Sampling;

namespace AiFactory.Inference.Generations;

/// <summary>One of the answers to a request.</summary>
/// <param name="Tokens">With their probabilities, where those were asked for; null where not.</param>
internal sealed record AnswerChoice(string Text, string FinishReason, IReadOnlyList<TokenLogprob>? Tokens = null);
