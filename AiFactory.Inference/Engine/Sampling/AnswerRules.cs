using System.Collections.Frozen;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>What the tokens of an answer are held to, whatever the model finds probable.</summary>
internal sealed record AnswerRules
{
    public static readonly AnswerRules None = new();

    /// <summary>What the answer's text meets; it ends when nothing can follow. Null for any text.</summary>
    public Grammar? Grammar { get; init; }

    /// <summary>What calls are held to, in an answer without a grammar; null leaves them free.</summary>
    public HeldCalls? Calls { get; init; }

    /// <summary>What the model may think before an answer that is held; null when it thinks nothing.</summary>
    public HeldThought? Thought { get; init; }

    /// <summary>By token: what is added to its logit.</summary>
    public FrozenDictionary<int, float> Bias { get; init; } = FrozenDictionary<int, float>.Empty;

    /// <summary>Tokens before which the model may not end the answer.</summary>
    public int LeastTokens { get; init; }

    /// <summary>The model may never end the answer.</summary>
    public bool IgnoresEnd { get; init; }

    /// <summary>Tokens that end the answer, besides the model's own ends.</summary>
    public FrozenSet<int> StopTokens { get; init; } = FrozenSet<int>.Empty;

    /// <summary>How many of the most probable tokens are told with each token; null tells no probabilities at all.</summary>
    public int? TopLogprobs { get; init; }
}
