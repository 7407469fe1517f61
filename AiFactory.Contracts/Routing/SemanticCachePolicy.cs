namespace AiFactory.Contracts.Routing;

/// <summary>When two questions to a chat model are near enough to get one answer: all that is asked but the last message's text must be the same.</summary>
public sealed record SemanticCachePolicy
{
    /// <summary>The deployment of the same project that embeds the questions.</summary>
    public string? Embeddings { get; init; }

    /// <summary>The cosine that two questions must have at least, 0.5 to 1. What is right depends on the embedding model: try it on questions that must not get the same answer.</summary>
    public double Threshold { get; init; }
}
