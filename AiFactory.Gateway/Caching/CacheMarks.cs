namespace AiFactory.Gateway.Caching;

/// <summary>The marks as answers, metrics and the ledger name them.</summary>
internal static class CacheMarks
{
    /// <summary>Of an answer; in a request <c>bypass</c> asks for one that the cache has no part in.</summary>
    public const string Header = "x-aifactory-cache";

    public static string? NameOf(CacheMark mark) => mark switch
    {
        CacheMark.Hit => "hit",
        CacheMark.Semantic => "semantic",
        CacheMark.Partial => "partial",
        CacheMark.Miss => "miss",
        CacheMark.Bypass => "bypass",
        _ => null,
    };
}
