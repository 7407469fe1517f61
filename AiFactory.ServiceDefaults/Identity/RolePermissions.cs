using System.Collections.Frozen;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>The one table from roles to permissions.</summary>
public static class RolePermissions
{
    private static readonly string[] Viewer =
    [
        Permissions.ProjectsRead,
        Permissions.ModelsRead,
        Permissions.DeploymentsRead,
        Permissions.UpstreamsRead,
        Permissions.GuardrailsRead,
        Permissions.WorkersRead,
        Permissions.AuditRead,
        Permissions.UsageRead,
        Permissions.FlowsRead,
        Permissions.KnowledgeRead,
        Permissions.ThreadsRead,
    ];

    /// <summary>What it takes to build and use applications, beside reading.</summary>
    private static readonly string[] Builder =
    [
        Permissions.FlowsWrite,
        Permissions.FlowsRun,
        Permissions.KnowledgeWrite,
        Permissions.ThreadsWrite,
    ];

    private static readonly FrozenDictionary<string, FrozenSet<string>> Table = new Dictionary<string, FrozenSet<string>>(StringComparer.Ordinal)
    {
        [Roles.Viewer] = Set(Viewer),
        [Roles.Developer] = Set([.. Viewer, .. Builder, Permissions.InferenceInvoke, Permissions.KeysRead, Permissions.KeysWrite]),
        [Roles.Approver] = Set([.. Viewer, Permissions.ModelsApprove]),
        [Roles.Operator] = Set([.. Viewer, .. Builder, Permissions.ModelsWrite, Permissions.DeploymentsWrite, Permissions.InferenceInvoke]),
        [Roles.Admin] = Set(
        [
            .. Viewer,
            .. Builder,
            Permissions.ProjectsWrite,
            Permissions.KeysRead,
            Permissions.KeysWrite,
            Permissions.ModelsWrite,
            Permissions.ModelsApprove,
            Permissions.DeploymentsWrite,
            Permissions.LimitsWrite,
            Permissions.UpstreamsWrite,
            Permissions.GuardrailsWrite,
            Permissions.InferenceInvoke,
        ]),
        [Roles.Gateway] = Set([Permissions.SnapshotRead, Permissions.RolloutsReport]),
        [Roles.Worker] = Set([Permissions.WorkersHeartbeat]),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The roles that a person or an API key may hold; the service roles are not among them.</summary>
    public static IReadOnlyList<string> Assignable { get; } = [Roles.Viewer, Roles.Developer, Roles.Approver, Roles.Operator, Roles.Admin];

    /// <summary>Every permission that at least one of the roles gives, sorted; a role that is unknown gives none.</summary>
    public static IReadOnlyList<string> For(IEnumerable<string> roles)
    {
        ArgumentNullException.ThrowIfNull(roles);
        var granted = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var role in roles)
        {
            if (Table.TryGetValue(role, out var permissions))
            {
                granted.UnionWith(permissions);
            }
        }

        return [.. granted];
    }

    private static FrozenSet<string> Set(string[] permissions) => permissions.ToFrozenSet(StringComparer.Ordinal);
}
