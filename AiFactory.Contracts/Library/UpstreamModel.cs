using AiFactory.Contracts.Routing;

namespace AiFactory.Contracts.Library;

/// <summary>A model of an upstream under a name of the factory's.</summary>
/// <param name="Name">What clients send; among the project's deployments and upstreams' models there is one of a name.</param>
/// <param name="Model">The upstream's own id of it; with <c>azure-openai</c> the name of the deployment there.</param>
public sealed record UpstreamModel(string Name, string Model)
{
    /// <summary>One of <see cref="ModelTasks"/>; <c>chat</c> when null.</summary>
    public string? Task { get; init; }

    /// <summary>Tokens of context that one request may use; null when not known.</summary>
    public int? ContextLength { get; init; }

    /// <summary><c>project</c> (when null) or <c>factory</c>.</summary>
    public string? Visibility { get; init; }

    /// <summary>Which deployments and other upstreams' models of the project answer its requests; null when it alone does.</summary>
    public TrafficPolicy? Traffic { get; init; }

    /// <summary>Which of its answers the gateways keep; null when none is.</summary>
    public CachePolicy? Cache { get; init; }
}
