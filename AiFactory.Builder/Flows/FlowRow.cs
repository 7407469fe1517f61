namespace AiFactory.Builder.Flows;

/// <summary>A flow with the alias under which it is published, if any.</summary>
internal sealed record FlowRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>The newest.</summary>
    public required int Revision { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public string? PublishedAlias { get; init; }

    public int? PublishedRevision { get; init; }
}
