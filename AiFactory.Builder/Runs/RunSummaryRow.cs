namespace AiFactory.Builder.Runs;

/// <summary>A run as lists show it.</summary>
internal sealed record RunSummaryRow
{
    public required Guid Id { get; init; }

    public required string Flow { get; init; }

    public required int Revision { get; init; }

    public required string State { get; init; }

    public required string Title { get; init; }

    public string? Error { get; init; }

    public Guid? ThreadId { get; init; }

    public required string StartedBy { get; init; }

    public string? TraceParent { get; init; }

    public long PromptTokens { get; init; }

    public long CompletionTokens { get; init; }

    public Guid? ParentRunId { get; init; }

    public string? ParentNode { get; init; }

    public int? ParentIndex { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}
