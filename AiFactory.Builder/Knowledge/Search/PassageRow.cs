namespace AiFactory.Builder.Knowledge.Search;

internal sealed record PassageRow
{
    public required Guid DocumentId { get; init; }

    public required string DocumentName { get; init; }

    public required int Ordinal { get; init; }

    public required string Text { get; init; }

    public required int StartAt { get; init; }

    public required int EndAt { get; init; }
}
