namespace AiFactory.ModelLibrary.Storage;

internal sealed record StateCount
{
    public required string State { get; init; }

    public required long Count { get; init; }
}
