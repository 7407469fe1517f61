namespace AiFactory.Builder.Knowledge.Search.Exact;

internal sealed record ReadyDocument
{
    public required Guid Id { get; init; }

    public required long ReadyRevision { get; init; }

    public required int Chunks { get; init; }
}
