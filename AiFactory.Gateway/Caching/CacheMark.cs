namespace AiFactory.Gateway.Caching;

/// <summary>What the cache did for a request.</summary>
internal enum CacheMark
{
    /// <summary>Its deployment has none.</summary>
    None,

    /// <summary>The answer came from it: no model worked for this request.</summary>
    Hit,

    /// <summary>The answer to another question came from it, which means nearly the same.</summary>
    Semantic,

    /// <summary>Some of the texts were there; a model was asked for the others.</summary>
    Partial,

    /// <summary>It was looked for and not there.</summary>
    Miss,

    /// <summary>It was not looked for: the client said so, or no such answer is kept.</summary>
    Bypass,
}
