namespace AiFactory.Contracts.Builder.Threads;

/// <summary>A conversation that is kept. Only who began it sees it.</summary>
/// <param name="Messages">Oldest first; null in lists.</param>
public sealed record ThreadResponse(
    Guid Id, string? Title, string Target, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<ThreadMessageResponse>? Messages);
