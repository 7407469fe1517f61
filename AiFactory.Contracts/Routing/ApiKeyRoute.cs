namespace AiFactory.Contracts.Routing;

/// <summary>An API key as the gateway may know it: never the key, only its hash. Revoked keys are not listed.</summary>
/// <param name="Hash">SHA-256 of the whole key (<c>aif_...</c>, UTF-8), lower-case hex.</param>
/// <param name="Project">The project that the key belongs to.</param>
/// <param name="FactoryWide">Whether the roles hold in every project.</param>
/// <param name="Roles">Role names: viewer, developer, approver, operator, admin.</param>
public sealed record ApiKeyRoute(
    Guid Id,
    string Name,
    string Hash,
    string Project,
    bool FactoryWide,
    IReadOnlyList<string> Roles,
    DateTimeOffset? ExpiresAt)
{
    /// <summary>Null for a key that may call whatever its project can.</summary>
    public KeyScope? Scope { get; init; }

    /// <summary>The first key of its line of rotations: limits of a key are those of its line. Null where it is the first itself.</summary>
    public Guid? Family { get; init; }
}
