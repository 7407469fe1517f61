namespace AiFactory.Builder.Runs;

/// <summary>A run, with the tokens of its steps so far.</summary>
internal sealed record RunRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required Guid FlowId { get; init; }

    /// <summary>The flow's name when the run began.</summary>
    public required string Flow { get; init; }

    public required int Revision { get; init; }

    public required string State { get; init; }

    /// <summary>The beginning of its input, for lists.</summary>
    public string Title { get; init; } = "";

    /// <summary>JSON object.</summary>
    public required string Input { get; init; }

    /// <summary>JSON object.</summary>
    public string? Output { get; init; }

    public string? Error { get; init; }

    public Guid? ThreadId { get; init; }

    public required string StartedBy { get; init; }

    /// <summary>W3C trace context of the request that started it.</summary>
    public string? TraceParent { get; init; }

    public long LastSequence { get; init; }

    public bool CancelRequested { get; init; }

    public long PromptTokens { get; init; }

    public long CompletionTokens { get; init; }

    /// <summary>The flows that its steps run, as <see cref="Flows.Bodies.BodyResolution.Pins"/>.</summary>
    public string? Bodies { get; init; }

    /// <summary>The run of which a step began this one; null when somebody did.</summary>
    public Guid? ParentRunId { get; init; }

    public string? ParentNode { get; init; }

    public int? ParentIndex { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>A thread is its author's alone, and so are the runs that answered in it; any other is the project's.</summary>
    internal bool IsOpenTo(string reader) => ThreadId is null || StartedBy == reader;
}
