using Microsoft.AspNetCore.Authorization;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>What an endpoint asks of its caller; it stands in the endpoint's metadata, where the endpoint-table test finds it.</summary>
/// <param name="Permission">One of <see cref="Permissions"/>.</param>
/// <param name="FactoryWide">Whether the permission must hold in the whole factory.</param>
public sealed record PermissionRequirement(string Permission, bool FactoryWide) : IAuthorizationRequirement, IAuthorizationRequirementData
{
    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];
}
