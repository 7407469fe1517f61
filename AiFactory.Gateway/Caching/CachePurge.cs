namespace AiFactory.Gateway.Caching;

/// <summary>An order to forget.</summary>
internal sealed record CachePurge
{
    public required Guid Id { get; init; }

    /// <summary>Whose callers' answers; null for everybody's.</summary>
    public string? Project { get; init; }

    /// <summary>Whose answers; null for all.</summary>
    public Guid? Deployment { get; init; }

    /// <summary>By the clock of who holds it: what is made later stays.</summary>
    public required DateTimeOffset Before { get; init; }

    /// <summary>Whose it is. What lies somewhere when the order comes was made before, whatever the clock of who made it said.</summary>
    public bool IsOf(CacheEntry entry) => (Project is null || entry.Project == Project) && (Deployment is null || entry.Deployment == Deployment);

    /// <summary>Of what is on its way to where all gateways have it.</summary>
    public bool Covers(CacheEntry entry) => IsOf(entry) && entry.StoredAt <= Before;
}
