namespace AiFactory.ServiceDefaults.Identity;

/// <summary>The names of the roles; what each may do is in <see cref="RolePermissions"/>.</summary>
public static class Roles
{
    public const string Viewer = "viewer";
    public const string Developer = "developer";
    public const string Approver = "approver";
    public const string Operator = "operator";
    public const string Admin = "admin";

    /// <summary>The gateway as a caller of other services; never given to a person.</summary>
    public const string Gateway = "gateway";

    /// <summary>A worker as a caller of the library; never given to a person.</summary>
    public const string Worker = "worker";
}
