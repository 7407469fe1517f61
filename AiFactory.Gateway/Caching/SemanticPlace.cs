namespace AiFactory.Gateway.Caching;

/// <summary>Where a question stands among others.</summary>
/// <param name="Scope">Of all that is the same: only within it questions are compared.</param>
/// <param name="Vector">Of length 1.</param>
/// <param name="Threshold">The cosine from which on another is near.</param>
internal sealed record SemanticPlace(CacheKey Scope, float[] Vector, double Threshold);
