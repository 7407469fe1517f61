namespace AiFactory.Contracts.Routing;

/// <summary>Which answers of a deployment the gateways keep, and give to callers of the same project who ask the same again. No answer ever reaches another project.</summary>
public sealed record CachePolicy
{
    /// <summary>Whole answers: chat completions, completions, rerank and score.</summary>
    public bool Responses { get; init; }

    /// <summary>The vector of each text that was embedded.</summary>
    public bool Embeddings { get; init; }

    /// <summary>How long an answer is kept, as <c>01:00:00</c>; one hour when null.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>Whether answers that chance has a part in are left out: of requests without a <c>seed</c> whose <c>temperature</c> is not 0.</summary>
    public bool DeterministicOnly { get; init; }

    /// <summary>Whether a question that means nearly the same gets the answer too; null when only the same question does.</summary>
    public SemanticCachePolicy? Semantic { get; init; }
}
