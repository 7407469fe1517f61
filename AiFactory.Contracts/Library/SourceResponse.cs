namespace AiFactory.Contracts.Library;

/// <param name="LastSync">How the last sync ended; null before the first.</param>
public sealed record SourceResponse(
    Guid Id,
    string Project,
    string Name,
    string Kind,
    string Location,
    string? NamePattern,
    string? TagFilter,
    bool Enabled,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    SyncResult? LastSync);
