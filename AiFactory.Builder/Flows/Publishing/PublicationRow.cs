namespace AiFactory.Builder.Flows.Publishing;

/// <summary>An alias and the revision that it calls.</summary>
internal sealed record PublicationRow
{
    public required string Project { get; init; }

    public required string Alias { get; init; }

    public required Guid FlowId { get; init; }

    public required string Flow { get; init; }

    public required int Revision { get; init; }

    /// <summary>The flows that its steps run, as <see cref="Bodies.BodyResolution.Pins"/>: they stay what they are, as it does.</summary>
    public string? Bodies { get; init; }

    public required string PublishedBy { get; init; }

    public required DateTimeOffset PublishedAt { get; init; }
}
