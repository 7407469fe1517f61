namespace AiFactory.Gateway.Files;

/// <summary>A file as the table has it.</summary>
internal sealed record FileRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required string Purpose { get; init; }

    public required string Filename { get; init; }

    public required long Bytes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}
