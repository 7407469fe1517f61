using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>Grants a permission only in the project that the route names: a route value <c>project</c> of another project is refused.</summary>
internal sealed class PermissionHandler : AuthorizationHandler<PermissionRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, PermissionRequirement requirement)
    {
        if (context.Resource is HttpContext http
            && http.TryGetIdentity() is { } identity
            && identity.Has(requirement.Permission)
            && (!requirement.FactoryWide || identity.FactoryWide)
            && (http.GetRouteValue("project") is not string project || identity.CoversProject(project)))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
