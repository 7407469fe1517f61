namespace AiFactory.Inference.Engine;

/// <summary>What an engine tells about one request: texts, then one end.</summary>
internal abstract record GenerationEvent
{
    private GenerationEvent()
    {
    }

    /// <summary>Whole characters that follow those told before; never empty.</summary>
    public sealed record Text(string Value) : GenerationEvent;

    /// <param name="FinishReason">stop or length.</param>
    /// <param name="CachedTokens">Tokens of the prompt that were in the cache already.</param>
    /// <param name="CompletionTokens">Tokens that were sampled.</param>
    public sealed record Finished(string FinishReason, int PromptTokens, int CachedTokens, int CompletionTokens) : GenerationEvent;

    /// <summary>The engine could not go on with it.</summary>
    public sealed record Failed(string Reason) : GenerationEvent;

    /// <summary>The worker stops, or the model is being unloaded.</summary>
    public sealed record Stopped : GenerationEvent;
}
