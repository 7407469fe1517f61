namespace AiFactory.ModelLibrary.Keys;

internal sealed record KeyRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string Prefix { get; init; }

    public required string Hash { get; init; }

    public required string[] Roles { get; init; }

    public required bool FactoryWide { get; init; }

    /// <summary>Whether the settings brought it.</summary>
    public required bool Seeded { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public string? RevokedBy { get; init; }

    /// <summary>JSON of <see cref="Contracts.Routing.KeyScope"/>; null where it may call all.</summary>
    public string? Scope { get; init; }

    /// <summary>The first key of its line of rotations; itself where it came in nobody's place.</summary>
    public required Guid Family { get; init; }

    /// <summary>The key in whose place it came.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>The key that came in its place.</summary>
    public Guid? ReplacedBy { get; init; }
}
