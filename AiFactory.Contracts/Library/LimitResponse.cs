namespace AiFactory.Contracts.Library;

/// <summary>A limit as it holds; see <see cref="LimitRequest"/>.</summary>
/// <param name="Project">Null for one of the whole factory.</param>
public sealed record LimitResponse(
    Guid Id,
    string? Project,
    string Name,
    string Scope,
    string? Owner,
    string? Model,
    string Measure,
    string? Period,
    decimal Amount,
    string CreatedBy,
    string UpdatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);
