using System.Text.Json;

namespace AiFactory.Contracts.Builder.Runs;

/// <param name="State">See <see cref="RunStates"/>.</param>
/// <param name="Output">An object with <c>text</c>, <c>json</c> and <c>passages</c>, as far as the flow's outputs were given them.</param>
/// <param name="TraceId">The trace that shows the run with every call that it made.</param>
/// <param name="Steps">In the order of the graph; null where a run has just been started or cancelled.</param>
/// <param name="Parent">Null for a run that somebody started.</param>
public sealed record RunResponse(
    Guid Id,
    string Flow,
    int Revision,
    string State,
    JsonElement Input,
    JsonElement? Output,
    string? Error,
    RunUsage Usage,
    string? TraceId,
    Guid? ThreadId,
    string StartedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    IReadOnlyList<RunStepResponse>? Steps,
    RunParent? Parent = null);
