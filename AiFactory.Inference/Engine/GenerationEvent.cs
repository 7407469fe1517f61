using AiFactory.Inference.Engine.Sampling;

namespace AiFactory.Inference.Engine;

/// <summary>What an engine tells about one request: texts, then one end.</summary>
internal abstract record GenerationEvent
{
    private GenerationEvent()
    {
    }

    /// <summary>Whole characters that follow those told before; empty only when there are tokens to tell.</summary>
    public sealed record Text(string Value) : GenerationEvent
    {
        /// <summary>The tokens that came since the text before, where their probabilities were asked for.</summary>
        public IReadOnlyList<TokenLogprob> Tokens { get; init; } = [];

        /// <summary>Tokens that were sampled for the answer up to here.</summary>
        public int Generated { get; init; }
    }

    /// <param name="FinishReason">stop or length.</param>
    /// <param name="CachedTokens">Tokens of the prompt that were in the cache already.</param>
    /// <param name="CompletionTokens">Tokens that were sampled.</param>
    public sealed record Finished(string FinishReason, int PromptTokens, int CachedTokens, int CompletionTokens) : GenerationEvent;

    /// <summary>What it asks of its answer leaves nothing to say.</summary>
    public sealed record Refused(string Reason) : GenerationEvent;

    /// <summary>The engine could not go on with it.</summary>
    public sealed record Failed(string Reason) : GenerationEvent;

    /// <summary>It waited as long as it would, and nothing was computed for it.</summary>
    /// <param name="RetryAfter">How long those who wait now will take.</param>
    public sealed record Expired(TimeSpan RetryAfter) : GenerationEvent;

    /// <summary>The worker stops, or the model is being unloaded.</summary>
    public sealed record Stopped : GenerationEvent;
}
