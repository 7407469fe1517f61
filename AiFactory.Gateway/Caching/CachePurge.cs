namespace AiFactory.Gateway.Caching;

/// <summary>An order to forget.</summary>
internal sealed record CachePurge
{
    public required Guid Id { get; init; }

    /// <summary>Whose callers' answers; null for everybody's.</summary>
    public string? Project { get; init; }

    /// <summary>Whose answers; null for all.</summary>
    public Guid? Deployment { get; init; }

    /// <summary>What was kept later stays.</summary>
    public required DateTimeOffset Before { get; init; }

    public bool Covers(CacheEntry entry) =>
        (Project is null || entry.Project == Project) && (Deployment is null || entry.Deployment == Deployment) && entry.StoredAt <= Before;
}
