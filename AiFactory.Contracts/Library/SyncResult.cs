namespace AiFactory.Contracts.Library;

/// <param name="State">queued, running, succeeded or failed.</param>
/// <param name="Discovered">Artifacts that the rules let in.</param>
/// <param name="Added">New versions among them.</param>
/// <param name="Skipped">Artifacts that the rules kept out.</param>
public sealed record SyncResult(
    Guid Id,
    string State,
    string? Error,
    int Discovered,
    int Added,
    int Skipped,
    DateTimeOffset QueuedAt,
    DateTimeOffset? FinishedAt);
