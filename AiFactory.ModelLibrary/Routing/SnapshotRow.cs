namespace AiFactory.ModelLibrary.Routing;

internal sealed record SnapshotRow
{
    public required long Version { get; init; }

    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>JSON of <see cref="SnapshotContent"/>.</summary>
    public required string Content { get; init; }
}
