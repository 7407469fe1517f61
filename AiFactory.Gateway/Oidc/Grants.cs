using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Oidc;

/// <summary>What a user may do: roles in the whole factory, and roles in single projects.</summary>
/// <param name="Projects">In the order of the settings.</param>
internal sealed record Grants(IReadOnlyList<string> FactoryRoles, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Projects)
{
    public bool IsEmpty => FactoryRoles.Count == 0 && Projects.Count == 0;

    /// <summary>Whom the user acts as in a request about this project. Of a project that is not the user's, and where none is named, whom the user acts as at all.</summary>
    /// <param name="project">Null where none is named.</param>
    /// <param name="usual">The project of those who have the whole factory and name none.</param>
    public InternalIdentity For(string subject, string? project, string usual)
    {
        var named = Projects.FirstOrDefault(entry => entry.Key == project);
        if (named.Key is null && FactoryRoles.Count > 0)
        {
            return InternalIdentity.WithRoles(subject, usual, factoryWide: true, FactoryRoles);
        }

        if (IsEmpty)
        {
            return InternalIdentity.WithRoles(subject, project: null, factoryWide: false, []);
        }

        if (named.Key is null)
        {
            named = Projects[0];
        }

        // Who is more in the whole factory than the project adds stays so: most routes that are about no project need it.
        return named.Value.All(FactoryRoles.Contains)
            ? InternalIdentity.WithRoles(subject, named.Key, factoryWide: FactoryRoles.Count > 0, FactoryRoles)
            : InternalIdentity.WithRoles(subject, named.Key, factoryWide: false, [.. FactoryRoles.Union(named.Value, StringComparer.Ordinal)]) with
            {
                Projects = FactoryRoles.Count == 0 && Projects.Count > 1 ? [.. Projects.Select(entry => entry.Key)] : null,
            };
    }
}
