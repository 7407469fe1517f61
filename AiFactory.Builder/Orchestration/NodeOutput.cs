namespace AiFactory.Builder.Orchestration;

/// <summary>What a step gave, as the run's output is made of it.</summary>
internal sealed record NodeOutput
{
    public required string Node { get; init; }

    /// <summary>JSON object, by output port; null when all of them together are too large.</summary>
    public string? Output { get; init; }

    /// <summary>Of all of them together.</summary>
    public required long Bytes { get; init; }
}
