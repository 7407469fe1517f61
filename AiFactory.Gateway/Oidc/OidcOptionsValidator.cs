using System.Text.RegularExpressions;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Oidc;

/// <summary>What one setting cannot be alone or beside the others.</summary>
internal sealed partial class OidcOptionsValidator : IValidateOptions<OidcOptions>
{
    public ValidateOptionsResult Validate(string? name, OidcOptions options)
    {
        var complaints = new List<string>();
        if (string.IsNullOrEmpty(options.Authority))
        {
            if (!string.IsNullOrEmpty(options.Audience) || !string.IsNullOrEmpty(options.ClientId) || options.Groups.Count > 0)
            {
                complaints.Add("Oidc:Authority is not set, but other settings under Oidc are. It is the issuer of the identity provider.");
            }
        }
        else
        {
            if (!IsSafe(options.Authority))
            {
                complaints.Add("Oidc:Authority must be an https address without a query, as 'https://login.example.com/realms/company'; http is for this machine alone.");
            }

            if (string.IsNullOrEmpty(options.Audience))
            {
                complaints.Add("Oidc:Audience is not set. It is whom a token must be for; without it one that the provider made for another application would open this one.");
            }

            if (options.Groups.Count == 0)
            {
                complaints.Add("Oidc:Groups is empty, so that nobody could do anything. Name a Group, its Project ('*' for every one) and its Roles.");
            }
        }

        if (!string.IsNullOrEmpty(options.ClientSecret) && string.IsNullOrEmpty(options.ClientId))
        {
            complaints.Add("Oidc:ClientId is not set, but Oidc:ClientSecret is. It is the name of the console's client at the identity provider.");
        }

        if (!options.Scope.Split(' ').Contains("openid"))
        {
            complaints.Add("Oidc:Scope must have 'openid' in it: without it the identity provider says nothing of who signed in.");
        }

        CheckGroups(options.Groups, complaints);
        return complaints.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(complaints);
    }

    /// <summary>Tokens and keys that came over a network in the clear are worth nothing.</summary>
    public static bool IsSafe(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
        && uri is { Query: "", Fragment: "", UserInfo: "" };

    private static void CheckGroups(IList<OidcGroup> groups, List<string> complaints)
    {
        var seen = new Dictionary<(string, string), int>();
        for (var i = 0; i < groups.Count; i++)
        {
            var (key, entry) = ($"Oidc:Groups:{i}", groups[i]);
            if (string.IsNullOrWhiteSpace(entry.Group))
            {
                complaints.Add($"{key}:Group is empty. It is the group's name, as the provider has it.");
                continue;
            }

            if (entry.Project is null || (entry.Project != OidcGroup.Everywhere && !Project().IsMatch(entry.Project)))
            {
                complaints.Add($"{key}:Project must be a project's name, or '*' for every project, and not '{entry.Project}'.");
                continue;
            }

            if (entry.Roles.Count == 0 || entry.Roles.Any(role => !RolePermissions.Assignable.Contains(role, StringComparer.Ordinal)))
            {
                complaints.Add($"{key}:Roles must name one or more of {string.Join(", ", RolePermissions.Assignable)}, and not '{string.Join(", ", entry.Roles)}'.");
            }

            if (!seen.TryAdd((entry.Group, entry.Project), i))
            {
                complaints.Add($"{key} maps the group '{entry.Group}' to the project '{entry.Project}' as Oidc:Groups:{seen[(entry.Group, entry.Project)]} does: name all of its roles in one place.");
            }
        }
    }

    /// <summary>As the library has it.</summary>
    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Project();
}
