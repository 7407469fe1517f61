namespace AiFactory.ModelLibrary.Models;

internal sealed record EvidenceRow
{
    public long Sequence { get; init; }

    public required Guid VersionId { get; init; }

    public required string Stage { get; init; }

    public required string Outcome { get; init; }

    public required string Detail { get; init; }

    public required string Actor { get; init; }

    public required DateTimeOffset At { get; init; }
}
