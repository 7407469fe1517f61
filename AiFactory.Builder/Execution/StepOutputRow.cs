namespace AiFactory.Builder.Execution;

/// <summary>What an earlier step gave.</summary>
internal sealed record StepOutputRow
{
    public required string Node { get; init; }

    /// <summary>JSON object, by output port.</summary>
    public required string Output { get; init; }
}
