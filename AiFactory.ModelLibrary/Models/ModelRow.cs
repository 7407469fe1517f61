namespace AiFactory.ModelLibrary.Models;

internal sealed record ModelRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
