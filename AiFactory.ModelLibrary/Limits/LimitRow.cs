namespace AiFactory.ModelLibrary.Limits;

internal sealed record LimitRow
{
    public required Guid Id { get; init; }

    /// <summary>Null for one of the whole factory.</summary>
    public string? Project { get; init; }

    public required string Name { get; init; }

    public required string Scope { get; init; }

    public string? Owner { get; init; }

    public string? Model { get; init; }

    public required string Measure { get; init; }

    public string? Period { get; init; }

    public required decimal Amount { get; init; }

    public required string CreatedBy { get; init; }

    public required string UpdatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
