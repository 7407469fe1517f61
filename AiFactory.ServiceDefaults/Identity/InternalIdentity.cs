namespace AiFactory.ServiceDefaults.Identity;

/// <summary>Who calls, as the gateway established it and as services trust it.</summary>
/// <param name="Subject">For example <c>key:0197...</c>, <c>user:ada</c>, <c>service:gateway</c>. It stands in the audit log.</param>
/// <param name="Project">The caller's project; null for a service or a caller of the whole factory.</param>
/// <param name="FactoryWide">Whether the permissions hold in every project.</param>
/// <param name="Permissions">What the caller may do; see <see cref="Identity.Permissions"/>.</param>
public sealed record InternalIdentity(
    string Subject,
    string? Project,
    bool FactoryWide,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Permissions)
{
    /// <summary>The deployment that the gateway let the caller use, be it of the caller's project or shared by another; null in all but requests to a model.</summary>
    public Guid? Deployment { get; init; }

    /// <summary>In a session that a sign-in link began, the mark of that link.</summary>
    public string? Link { get; init; }

    /// <summary>All projects of a caller who has several and acts in one of them, <see cref="Project"/>; null for whoever has one, or the whole factory.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>The identity of a caller with these roles and exactly the permissions that they give.</summary>
    public static InternalIdentity WithRoles(string subject, string? project, bool factoryWide, IReadOnlyList<string> roles) =>
        new(subject, project, factoryWide, roles, RolePermissions.For(roles));

    /// <summary>The identity of one of our own services; its role has the service's name.</summary>
    public static InternalIdentity ForService(string role) => WithRoles($"service:{role}", project: null, factoryWide: true, [role]);

    /// <summary>Whether the caller may do this somewhere; where, is for <see cref="CoversProject"/>.</summary>
    public bool Has(string permission) => Permissions.Contains(permission, StringComparer.Ordinal);

    /// <summary>Whether the caller's permissions hold in that project.</summary>
    public bool CoversProject(string project) => FactoryWide || string.Equals(Project, project, StringComparison.Ordinal);
}
