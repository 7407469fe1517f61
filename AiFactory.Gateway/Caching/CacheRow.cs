namespace AiFactory.Gateway.Caching;

/// <summary>An entry as the table has it, member for column.</summary>
internal sealed record CacheRow
{
    public required byte[] Key { get; init; }

    public required int Kind { get; init; }

    public required string Project { get; init; }

    public required Guid Deployment { get; init; }

    public required byte[] Body { get; init; }

    public required int Tokens { get; init; }

    public required DateTimeOffset StoredAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public static CacheRow From(CacheKey key, CacheEntry entry) => new()
    {
        Key = key.ToBytes(),
        Kind = (int)entry.Kind,
        Project = entry.Project,
        Deployment = entry.Deployment,
        Body = entry.Body,
        Tokens = entry.Tokens,
        StoredAt = entry.StoredAt,
        ExpiresAt = entry.ExpiresAt,
    };

    public CacheEntry ToEntry() => new((CacheKind)Kind, Project, Deployment, Body, Tokens, StoredAt, ExpiresAt);
}
