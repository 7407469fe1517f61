using AiFactory.ModelLibrary.Sync;

namespace AiFactory.ModelLibrary.Sources;

internal sealed record SourceRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string Kind { get; init; }

    public required string Location { get; init; }

    public string? NamePattern { get; init; }

    public string? TagFilter { get; init; }

    public required bool Enabled { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Who last changed its location or its rules; at first, who made it.</summary>
    public required string ChangedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset NextSyncAt { get; init; }

    /// <summary>Filled in by the service, from another table.</summary>
    public SyncRow? LastSync { get; init; }
}
