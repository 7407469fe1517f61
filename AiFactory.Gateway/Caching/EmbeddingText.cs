namespace AiFactory.Gateway.Caching;

/// <summary>One text of a request for vectors, and where it stands in the body, quotes included.</summary>
internal readonly record struct EmbeddingText(CacheKey Key, int At, int Length);
