namespace AiFactory.Builder.Children;

/// <summary>The flow that a step runs, as its run has chosen it.</summary>
internal sealed record BodyRow
{
    public Guid? FlowId { get; init; }

    public int? Revision { get; init; }

    /// <summary>Runs of the project that steps began and that have not ended.</summary>
    public required long Open { get; init; }
}
