namespace AiFactory.Gateway.Caching;

internal enum CacheKind
{
    /// <summary>A whole answer.</summary>
    Response,

    /// <summary>The vector of one text.</summary>
    Embedding,
}
