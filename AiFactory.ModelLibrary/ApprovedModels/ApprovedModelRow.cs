namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>A version that is approved, or was and is revoked.</summary>
internal sealed record ApprovedModelRow
{
    public required string Project { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Tag { get; init; }

    public required string State { get; init; }

    public required string Digest { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>See <see cref="Models.ModelParts"/>; null when the model is one file.</summary>
    public string? Parts { get; init; }

    /// <summary>JSON of the contract's ModelMetadata.</summary>
    public string? Metadata { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public string? ApprovedBy { get; init; }

    public DateTimeOffset? ApprovedAt { get; init; }

    public string? Comment { get; init; }

    public string? Reason { get; init; }

    public string? RevokedBy { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }
}
