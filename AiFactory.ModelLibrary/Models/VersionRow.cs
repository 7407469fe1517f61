namespace AiFactory.ModelLibrary.Models;

internal sealed record VersionRow
{
    public required Guid Id { get; init; }

    public required Guid ModelId { get; init; }

    public required string Project { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Tag { get; init; }

    public required string State { get; init; }

    public string? Reason { get; init; }

    public string? Digest { get; init; }

    /// <summary>Of the first file.</summary>
    public string? ObjectKey { get; init; }

    /// <summary>Of all files.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>JSON of the contract's ModelPart of each file, in their order; null when it is one file.</summary>
    public string? Parts { get; init; }

    /// <summary>JSON of the contract's ModelMetadata.</summary>
    public string? Metadata { get; init; }

    public required string Author { get; init; }

    /// <summary>Who had last changed the source's location or rules when the version was discovered, and when it was copied.</summary>
    public required string[] SourceChangedBy { get; init; }

    public required Guid SourceId { get; init; }

    public required string SourcePath { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required int Attempts { get; init; }

    public Guid? LeaseId { get; init; }

    public string? RevokedBy { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>For example <c>Version 2 of acme/chat is revoked by user:eve (its licence has ended)</c>: the beginning of a sentence that refuses it.</summary>
    internal string Standing =>
        $"Version {Version} of {Model} is {State}{(RevokedBy is null ? "" : $" by {RevokedBy}")}{(Reason is null ? "" : $" ({Reason})")}";

    /// <summary>What a version with the bytes of this revoked one is told.</summary>
    internal string SameBytes => $"{Standing}, and these are its bytes: another person has to approve them again.";
}
