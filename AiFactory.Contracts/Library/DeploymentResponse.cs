using AiFactory.Contracts.Routing;

namespace AiFactory.Contracts.Library;

/// <param name="Phase">See <see cref="DeploymentPhases"/>.</param>
/// <param name="Message">What stands between it and ready, or why it failed.</param>
/// <param name="Endpoint">Where clients reach it: the path of the gateway, <c>/v1/chat/completions</c> or <c>/v1/embeddings</c>.</param>
public sealed record DeploymentResponse(
    Guid Id,
    string Project,
    string Name,
    string Model,
    int ModelVersion,
    Guid ModelVersionId,
    string Task,
    string Digest,
    string Visibility,
    int Replicas,
    int ReadyReplicas,
    int? ContextLength,
    int? Slots,
    string Phase,
    string? Message,
    string Endpoint,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    IReadOnlyList<ReplicaResponse> Observed)
{
    /// <summary>What the workers pack the weights as; null when they serve them as they are.</summary>
    public string? Quantization { get; init; }

    /// <summary>Which other deployments of the project answer its requests.</summary>
    public TrafficPolicy? Traffic { get; init; }

    /// <summary>Which of its answers the gateways keep; null when none is.</summary>
    public CachePolicy? Cache { get; init; }

    /// <summary>How its replicas are chosen; null when as all are.</summary>
    public RoutingPolicy? Routing { get; init; }
}
