namespace AiFactory.Contracts.Routing;

/// <summary>All that the gateway needs to serve without asking anyone: published whole by the library, swapped whole by the gateway.</summary>
/// <param name="Version">Grows with every change; 0 is never published.</param>
public sealed record RoutingSnapshot(
    long Version,
    DateTimeOffset PublishedAt,
    IReadOnlyList<ApiKeyRoute> Keys,
    IReadOnlyList<DeploymentRoute> Deployments)
{
    /// <summary>What may be used at most; null where there is none, as in a snapshot of an older library.</summary>
    public IReadOnlyList<LimitRoute>? Limits { get; init; }

    /// <summary>The names of all projects; null where they are not said, as in a snapshot of an older library.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Those that have rules.</summary>
    public IReadOnlyList<GuardrailRoute>? Guardrails { get; init; }
}
