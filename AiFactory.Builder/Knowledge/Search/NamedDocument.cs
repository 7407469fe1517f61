namespace AiFactory.Builder.Knowledge.Search;

internal sealed record NamedDocument
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }
}
