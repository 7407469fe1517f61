namespace AiFactory.Builder.Threads;

internal sealed record ThreadRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public string? Title { get; init; }

    /// <summary>For example <c>agent:support</c>.</summary>
    public required string Target { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
