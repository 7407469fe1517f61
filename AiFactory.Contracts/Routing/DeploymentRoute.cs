namespace AiFactory.Contracts.Routing;

/// <summary>A deployment that clients may name as <c>model</c>, with the replicas observed ready. It is listed without replicas while none is ready.</summary>
/// <param name="Name">The model id that clients send; unique in its project.</param>
/// <param name="Visibility"><c>project</c> or <c>factory</c>.</param>
/// <param name="Task"><c>chat</c> or <c>embedding</c>.</param>
/// <param name="Model">The library's model name.</param>
/// <param name="ModelVersion">The library's version number of that model.</param>
/// <param name="Digest"><c>sha256:</c> and lower-case hex.</param>
/// <param name="Revoked">Why its model version was revoked; null while it is approved. A revoked one is listed without replicas, so that its callers learn why.</param>
/// <param name="External">Whether its replicas are no services of this factory: they are not told who calls.</param>
/// <param name="Traffic">Which other deployments answer its requests; null when it alone does.</param>
/// <param name="ContextLength">Tokens of context that one request may use; 0 until a worker has said.</param>
public sealed record DeploymentRoute(
    Guid Id,
    string Project,
    string Name,
    string Visibility,
    string Task,
    string Model,
    int ModelVersion,
    string Digest,
    int ContextLength,
    DateTimeOffset CreatedAt,
    IReadOnlyList<ReplicaRoute> Replicas,
    string? Revoked = null,
    bool External = false,
    TrafficPolicy? Traffic = null)
{
    /// <summary>Which of its answers are kept; null when none is.</summary>
    public CachePolicy? Cache { get; init; }

    /// <summary>How its replicas are chosen; null when as all are.</summary>
    public RoutingPolicy? Routing { get; init; }

    /// <summary>Whether its replicas still serve the version from before a change, and not <see cref="Digest"/>.</summary>
    public bool ServesFormer { get; init; }

    /// <summary>The service behind it; null where it is a model of the library's, or of <c>models.yaml</c>.</summary>
    public UpstreamRoute? Upstream { get; init; }

    /// <summary>The rollout that moves its requests to another deployment now; null where there is none.</summary>
    public RolloutRoute? Rollout { get; init; }
}
