using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Oidc;

/// <summary>What the settings say of groups.</summary>
internal sealed class GroupMap(IOptions<OidcOptions> options)
{
    private readonly OidcGroup[] _entries = [.. options.Value.Groups];

    /// <summary>Those of the groups that mean something here: a user may be in hundreds.</summary>
    public string[] Known(IEnumerable<string> groups) => [.. groups.Where(group => _entries.Any(entry => entry.Group == group)).Distinct(StringComparer.Ordinal)];

    public Grants Of(IReadOnlyCollection<string> groups)
    {
        var mine = _entries.Where(entry => groups.Contains(entry.Group ?? "", StringComparer.Ordinal)).ToArray();
        return new Grants(
            Roles(mine.Where(entry => entry.Project == OidcGroup.Everywhere)),
            [
                .. mine.Where(entry => entry.Project != OidcGroup.Everywhere)
                    .GroupBy(entry => entry.Project ?? "", StringComparer.Ordinal)
                    .Select(project => KeyValuePair.Create(project.Key, Roles(project))),
            ]);
    }

    /// <summary>In one order, whatever that of the groups is.</summary>
    private static IReadOnlyList<string> Roles(IEnumerable<OidcGroup> entries)
    {
        var roles = entries.SelectMany(entry => entry.Roles).ToHashSet(StringComparer.Ordinal);
        return [.. RolePermissions.Assignable.Where(roles.Contains)];
    }
}
