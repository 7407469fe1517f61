namespace AiFactory.Builder.Flows;

internal sealed record RevisionRow
{
    public required Guid FlowId { get; init; }

    public required int Revision { get; init; }

    /// <summary>JSON of a <see cref="Contracts.Builder.Flows.FlowGraph"/>.</summary>
    public required string Graph { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
