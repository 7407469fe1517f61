using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Forwarding;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.Features;

namespace AiFactory.Gateway.Management;

/// <summary>The management routes of a service behind the gateway, with the caller's identity. What a caller may do there, the service decides for each route.</summary>
internal static class ManagementEndpoints
{
    public static void Map(IEndpointRouteBuilder app, string service)
    {
        var prefix = $"/api/{service}/";

        // Every role that a person or a key can hold may read projects; who holds none is kept out here.
        app.Map($"{prefix}{{**rest}}", Forward).RequirePermission(Permissions.ProjectsRead).ExcludeFromDescription();

        Task Forward(HttpContext context, ServiceForwarder forwarder, IdentityTokens tokens, TimeProvider time)
        {
            var caller = context.Features.GetRequiredFeature<Caller>();
            return forwarder.ForwardAsync(context, service, prefix, caller.Authorization(tokens, time));
        }
    }
}
