using AiFactory.Contracts.Routing;

namespace AiFactory.Contracts.Library;

/// <param name="Roles">viewer, developer, approver, operator, admin; developer when null.</param>
/// <param name="FactoryWide">Whether the roles hold in every project; only a factory-wide admin may ask for it.</param>
public sealed record ApiKeyRequest(string Name, IReadOnlyList<string>? Roles, bool FactoryWide, DateTimeOffset? ExpiresAt)
{
    /// <summary>What the key may call; null for all.</summary>
    public KeyScope? Scope { get; init; }
}
