using AiFactory.Contracts.Routing;

namespace AiFactory.Contracts.Library;

/// <param name="Prefix">The first characters of the key, to tell keys apart.</param>
public sealed record ApiKeyResponse(
    Guid Id,
    string Project,
    string Name,
    string Prefix,
    IReadOnlyList<string> Roles,
    bool FactoryWide,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt)
{
    /// <summary>What the key may call; null for all.</summary>
    public KeyScope? Scope { get; init; }

    /// <summary>The key in whose place this one came; null when it came in none's.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>The key that came in this one's place.</summary>
    public Guid? ReplacedBy { get; init; }
}
