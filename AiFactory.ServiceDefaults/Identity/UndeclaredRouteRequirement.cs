using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>Deny by default: the fallback policy, which refuses a route that declares neither a permission nor anonymous access. What matches no route is let through to its 404, 405 or 415.</summary>
internal sealed class UndeclaredRouteRequirement : AuthorizationHandler<UndeclaredRouteRequirement>, IAuthorizationRequirement
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, UndeclaredRouteRequirement requirement)
    {
        if (context.Resource is HttpContext http
            && (http.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<PermissionRequirement>() is not null))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
