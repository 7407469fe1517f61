namespace AiFactory.Builder.Threads;

internal sealed record ThreadMessageRow
{
    public required Guid Id { get; init; }

    public required Guid ThreadId { get; init; }

    public required string Role { get; init; }

    public required string Content { get; init; }

    public Guid? RunId { get; init; }

    /// <summary>A JSON array, or null.</summary>
    public string? Passages { get; init; }

    /// <summary>A JSON array, or null.</summary>
    public string? Steps { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
