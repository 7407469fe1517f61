namespace AiFactory.Gateway.Caching;

/// <summary>An order to forget as another gateway finds it.</summary>
internal sealed record CacheOrder
{
    public required Guid Id { get; init; }

    public string? Project { get; init; }

    public Guid? Deployment { get; init; }

    /// <summary>Since it was given, by the clock that all gateways share: the database's.</summary>
    public required TimeSpan Age { get; init; }

    /// <param name="now">By this gateway's clock, which dated its answers: what it had made when the order was given is known by it, whatever the other clocks say.</param>
    public CachePurge At(DateTimeOffset now) => new() { Id = Id, Project = Project, Deployment = Deployment, Before = now - Age };
}
