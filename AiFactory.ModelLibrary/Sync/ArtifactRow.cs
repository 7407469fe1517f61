namespace AiFactory.ModelLibrary.Sync;

/// <summary>A source's file as it was last seen.</summary>
internal sealed record ArtifactRow
{
    public required Guid SourceId { get; init; }

    public required string Path { get; init; }

    public required long SizeBytes { get; init; }

    public required DateTimeOffset ModifiedAt { get; init; }

    /// <summary>Since when it has looked like this.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>The version that these bytes are, or belong to; null while they wait.</summary>
    public Guid? VersionId { get; init; }
}
