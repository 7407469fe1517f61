namespace AiFactory.Builder.Execution;

/// <summary>A step that this executor has claimed, with what it needs of its run.</summary>
internal sealed record ClaimedStep
{
    public required Guid RunId { get; init; }

    public required string Node { get; init; }

    /// <summary>From 1, this one included.</summary>
    public required int Attempt { get; init; }

    /// <summary>Of these, such as are neither failures nor losses: those before a loop's turn, and those that found no room.</summary>
    public int AttemptsBefore { get; init; }

    /// <summary>Attempts that ended with an error, since its runs were begun last.</summary>
    public required int Failures { get; init; }

    /// <summary>Names this claim: a later claim on the step has a higher one, and an answer under ours is refused from then on.</summary>
    public required long Token { get; init; }

    public required string Project { get; init; }

    public required Guid FlowId { get; init; }

    public required int Revision { get; init; }

    public string? TraceParent { get; init; }
}
