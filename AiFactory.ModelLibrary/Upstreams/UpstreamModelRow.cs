namespace AiFactory.ModelLibrary.Upstreams;

internal sealed record UpstreamModelRow
{
    public required Guid Id { get; init; }

    public required Guid UpstreamId { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string Model { get; init; }

    public required string Task { get; init; }

    public int? ContextLength { get; init; }

    public required string Visibility { get; init; }

    /// <summary>JSON of <see cref="Contracts.Routing.TrafficPolicy"/>; null when it alone answers its requests.</summary>
    public string? Traffic { get; init; }

    /// <summary>JSON of <see cref="Contracts.Routing.CachePolicy"/>; null when none of its answers is kept.</summary>
    public string? Cache { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
