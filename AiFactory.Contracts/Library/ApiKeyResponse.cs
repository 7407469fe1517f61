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
    DateTimeOffset? RevokedAt);
