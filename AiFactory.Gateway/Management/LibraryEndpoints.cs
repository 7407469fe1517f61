using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Forwarding;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.Features;

namespace AiFactory.Gateway.Management;

/// <summary>The library's management routes, with the caller's identity. What a caller may do there, the library decides for each route.</summary>
internal static class LibraryEndpoints
{
    private const string Prefix = "/api/library/";

    public static void Map(IEndpointRouteBuilder app)
    {
        // Every role that a person or a key can hold may read projects; who holds none is kept out here.
        app.Map($"{Prefix}{{**rest}}", Forward).RequirePermission(Permissions.ProjectsRead).ExcludeFromDescription();
    }

    private static Task Forward(HttpContext context, ServiceForwarder forwarder, IdentityTokens tokens, TimeProvider time)
    {
        var caller = context.Features.GetRequiredFeature<Caller>();
        return forwarder.ForwardAsync(context, LibraryClient.Name, Prefix, caller.Authorization(tokens, time));
    }
}
