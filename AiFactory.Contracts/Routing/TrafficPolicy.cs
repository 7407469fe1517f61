namespace AiFactory.Contracts.Routing;

/// <summary>Which other deployments of the same project answer requests that name this one. A target that has no replica is passed over, so a new version that never gets ready costs nothing.</summary>
public sealed record TrafficPolicy
{
    /// <summary>What others answer, in percent; this deployment answers the rest. A canary has 10, a switch from blue to green 100.</summary>
    public IReadOnlyList<TrafficSplit>? Splits { get; init; }

    /// <summary>One of <see cref="TrafficStrategies"/>; null is <see cref="TrafficStrategies.Weighted"/>.</summary>
    public string? Strategy { get; init; }

    /// <summary>Whose requests stay with one deployment: <c>caller</c>, or <c>header:NAME</c> for those with the same value of it; null decides for each request anew.</summary>
    public string? StickyBy { get; init; }

    /// <summary>Deployments that are asked in this order when those before cannot answer. Answers name who gave them in <c>x-aifactory-answered-by</c>.</summary>
    public IReadOnlyList<string>? Fallbacks { get; init; }

    /// <summary>A deployment that gets a copy of requests, whose answers nobody sees and nobody pays for; never an upstream's model.</summary>
    public TrafficSplit? Shadow { get; init; }
}
