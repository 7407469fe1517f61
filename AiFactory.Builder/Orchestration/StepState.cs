namespace AiFactory.Builder.Orchestration;

/// <summary>As much of a step as the orchestrator decides by.</summary>
internal sealed record StepState
{
    public required Guid RunId { get; init; }

    public required string Node { get; init; }

    public required string State { get; init; }

    public string? Error { get; init; }

    /// <summary>The output ports that gave something; null while the step has not succeeded.</summary>
    public string[]? Ports { get; init; }
}
