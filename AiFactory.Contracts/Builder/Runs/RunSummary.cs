namespace AiFactory.Contracts.Builder.Runs;

/// <summary>A run as lists show it; the run itself has its input, its output and its steps.</summary>
/// <param name="Title">The beginning of what was asked, on one line.</param>
/// <param name="State">See <see cref="RunStates"/>.</param>
/// <param name="Error">The beginning of it.</param>
/// <param name="Parent">Null for a run that somebody started.</param>
public sealed record RunSummary(
    Guid Id,
    string Flow,
    int Revision,
    string State,
    string Title,
    string? Error,
    RunUsage Usage,
    string? TraceId,
    Guid? ThreadId,
    string StartedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    RunParent? Parent = null);
