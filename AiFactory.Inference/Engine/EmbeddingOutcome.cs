namespace AiFactory.Inference.Engine;

/// <summary>What became of a request for embeddings, or for ranks.</summary>
internal abstract record EmbeddingOutcome
{
    private EmbeddingOutcome()
    {
    }

    /// <param name="Values">In the inputs' order. Embeddings have length 1, ranks are the model's own.</param>
    public sealed record Computed(float[][] Values) : EmbeddingOutcome;

    /// <summary>Too many requests wait.</summary>
    public sealed record QueueFull(TimeSpan RetryAfter) : EmbeddingOutcome;

    /// <inheritdoc cref="GenerationEvent.Expired"/>
    public sealed record Expired(TimeSpan RetryAfter) : EmbeddingOutcome;

    /// <summary>The engine could not compute one of the inputs.</summary>
    public sealed record Failed(string Reason) : EmbeddingOutcome;

    /// <summary>The worker stops, or the model is being unloaded.</summary>
    public sealed record Stopped : EmbeddingOutcome;
}
