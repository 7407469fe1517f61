using Microsoft.AspNetCore.Builder;

namespace AiFactory.ServiceDefaults.Identity;

public static class PermissionExtensions
{
    /// <summary>
    /// Lets in only callers with this permission. Where the route has a value <c>{project}</c>, the permission must hold in that project.
    /// A permission on a group and one on its endpoint are both needed.
    /// </summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new PermissionRequirement(permission, FactoryWide: false));

    /// <summary>Lets in only callers who hold this permission in the whole factory.</summary>
    public static TBuilder RequireFactoryPermission<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new PermissionRequirement(permission, FactoryWide: true));
}
