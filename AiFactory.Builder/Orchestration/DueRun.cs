namespace AiFactory.Builder.Orchestration;

/// <summary>A run in which something has happened.</summary>
internal sealed record DueRun
{
    public required Guid Id { get; init; }

    public required Guid FlowId { get; init; }

    public required int Revision { get; init; }

    public required string State { get; init; }

    public required bool CancelRequested { get; init; }

    /// <summary>The run of which a step began this one.</summary>
    public Guid? ParentRunId { get; init; }

    public string? ParentNode { get; init; }
}
