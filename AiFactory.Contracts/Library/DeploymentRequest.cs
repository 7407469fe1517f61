using AiFactory.Contracts.Routing;

namespace AiFactory.Contracts.Library;

/// <summary>The desired state of a deployment.</summary>
/// <param name="Name">The model id that clients send: letters, digits, <c>.</c>, <c>_</c>, <c>-</c>, 1 to 63.</param>
/// <param name="ModelVersionId">An approved version of the same project.</param>
/// <param name="Visibility"><c>project</c> (when null) or <c>factory</c>.</param>
/// <param name="Replicas">Workers that serve it, 0 to 64; 1 when null. 0 stops it.</param>
/// <param name="ContextLength">Tokens for one request; the model's own when null.</param>
/// <param name="Slots">Sequences decoded at once on a worker; the worker's default when null.</param>
public sealed record DeploymentRequest(
    string Name,
    Guid ModelVersionId,
    string? Visibility,
    int? Replicas,
    int? ContextLength,
    int? Slots)
{
    /// <summary>One of <see cref="Quantizations"/>, for weights of 16 or 32 bits; null serves them as they are.</summary>
    public string? Quantization { get; init; }

    /// <summary>Which other deployments of the project answer its requests; null when it alone does.</summary>
    public TrafficPolicy? Traffic { get; init; }

    /// <summary>Which of its answers the gateways keep; null when none is.</summary>
    public CachePolicy? Cache { get; init; }

    /// <summary>How its replicas are chosen; null when as all are.</summary>
    public RoutingPolicy? Routing { get; init; }

    /// <summary>When it was changed last, as it was read: a PUT is refused where it was changed since. Who changes the traffic of one that had a rollout says it.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}
