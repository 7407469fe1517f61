using AiFactory.Contracts.Routing;

namespace AiFactory.ModelLibrary.Routing;

/// <summary>What a snapshot says, in a fixed order: two that say the same are the same text.</summary>
internal sealed record SnapshotContent(IReadOnlyList<ApiKeyRoute> Keys, IReadOnlyList<DeploymentRoute> Deployments)
{
    /// <summary>Null in what an older version published.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    public IReadOnlyList<LimitRoute> Limits { get; init; } = [];

    public IReadOnlyList<GuardrailRoute>? Guardrails { get; init; }
}
