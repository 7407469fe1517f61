namespace AiFactory.Contracts.Library;

/// <param name="Secret">The whole key, shown this once and stored nowhere.</param>
public sealed record ApiKeyCreated(ApiKeyResponse Key, string Secret)
{
    /// <summary>Of a rotation: the former key, with the time at which it ends.</summary>
    public ApiKeyResponse? Replaced { get; init; }
}
