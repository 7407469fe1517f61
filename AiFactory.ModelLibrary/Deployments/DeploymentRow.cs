namespace AiFactory.ModelLibrary.Deployments;

/// <summary>A deployment with what is needed of its model version.</summary>
internal sealed record DeploymentRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required Guid VersionId { get; init; }

    public required string Model { get; init; }

    public required int ModelVersion { get; init; }

    public required string Digest { get; init; }

    public required string ObjectKey { get; init; }

    public required long SizeBytes { get; init; }

    /// <inheritdoc cref="Models.VersionRow.Parts"/>
    public string? Parts { get; init; }

    /// <summary><c>chat</c> or <c>embedding</c>.</summary>
    public required string Task { get; init; }

    public required string Visibility { get; init; }

    public required int Replicas { get; init; }

    public int? ContextLength { get; init; }

    public int? Slots { get; init; }

    public string? Quantization { get; init; }

    /// <summary>JSON of <see cref="Contracts.Routing.TrafficPolicy"/>; null when it alone answers its requests.</summary>
    public string? Traffic { get; init; }

    /// <summary>JSON of <see cref="Contracts.Routing.CachePolicy"/>; null when none of its answers is kept.</summary>
    public string? Cache { get; init; }

    /// <summary>JSON of <see cref="Contracts.Routing.RoutingPolicy"/>; null when its replicas are chosen as all are.</summary>
    public string? Routing { get; init; }

    /// <summary>Why its version was revoked; null while that is approved.</summary>
    public string? Revoked { get; init; }

    public required string Phase { get; init; }

    public string? Message { get; init; }

    public required int ReadyReplicas { get; init; }

    public required string CreatedBy { get; init; }

    public required string UpdatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
