namespace AiFactory.Builder.Runs;

/// <summary>A step of a run, as far as it was handed out.</summary>
internal sealed record StepRow
{
    public required string Node { get; init; }

    public required string Type { get; init; }

    public required string State { get; init; }

    public required int Attempt { get; init; }

    /// <summary>JSON object, by output port.</summary>
    public string? Output { get; init; }

    /// <summary>Whether the output is not whole here.</summary>
    public bool Truncated { get; init; }

    public string? Error { get; init; }

    /// <summary>Runs that it began.</summary>
    public int Children { get; init; }

    public int ChildrenEnded { get; init; }

    public int ChildrenFailed { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}
