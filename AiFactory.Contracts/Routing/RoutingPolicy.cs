namespace AiFactory.Contracts.Routing;

/// <summary>How a gateway chooses among the replicas of one deployment, beyond what it does for all.</summary>
public sealed record RoutingPolicy
{
    /// <summary>After what time without the first token of a stream a second replica is asked too, and the sooner one answers; null: never. What the later one has computed by then nobody pays for.</summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>Whether a gateway asks the replicas of its own zone first, while they have room.</summary>
    public bool PreferZone { get; init; }
}
