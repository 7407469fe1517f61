namespace AiFactory.Contracts.Library;

/// <param name="Version">Counts from 1 in its model; a tag whose bytes changed is a new version.</param>
/// <param name="State">See <see cref="ModelVersionStates"/>.</param>
/// <param name="Reason">Why it is in a state that refuses it; null otherwise.</param>
/// <param name="Digest"><c>sha256:</c> and lower-case hex; null until copied.</param>
/// <param name="Metadata">What the scan read from the file; null until scanned.</param>
/// <param name="Author">Who brought it in.</param>
/// <param name="RevokedBy">Who revoked it; null unless it is revoked.</param>
public sealed record ModelVersionResponse(
    Guid Id,
    string Project,
    string Model,
    int Version,
    string Tag,
    string State,
    string? Reason,
    string? Digest,
    long SizeBytes,
    ModelMetadata? Metadata,
    string Author,
    Guid SourceId,
    DateTimeOffset CreatedAt,
    IReadOnlyList<EvidenceResponse> Evidence,
    string? RevokedBy = null,
    DateTimeOffset? RevokedAt = null)
{
    /// <summary>All files of a model that comes in several, in their order; <see cref="Digest"/> and <see cref="SizeBytes"/> are those of all. Null when it is one file, and until copied.</summary>
    public IReadOnlyList<ModelVersionPart>? Parts { get; init; }
}
