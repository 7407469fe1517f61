namespace AiFactory.Gateway.Forwarding;

/// <summary>What a replica says that an operation used, in tokens; a part that it does not say is null.</summary>
/// <param name="Cached">Those of the input that it had computed before.</param>
internal readonly record struct TokenUsage(long? Input, long? Output, long? Cached = null)
{
    /// <summary>How many images were made; null where none is asked for.</summary>
    public long? Images { get; init; }

    /// <summary>More than any request has: a count beyond is none.</summary>
    public const long Most = 1_000_000_000_000;
}
