namespace AiFactory.ModelLibrary.Sync;

internal sealed record SyncRow
{
    public required Guid Id { get; init; }

    public required Guid SourceId { get; init; }

    public required string State { get; init; }

    public string? Error { get; init; }

    public required int Discovered { get; init; }

    public required int Added { get; init; }

    public required int Skipped { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public Guid? LeaseId { get; init; }
}
