using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Testing.Endpoints;

/// <summary>Walks a service's routes: each must name its permission, or say that it is open to all.</summary>
public static class EndpointTable
{
    /// <summary>The routes that declare neither a permission nor anonymous access; a service's test wants this empty.</summary>
    public static IReadOnlyList<string> WithoutPermission(IServiceProvider services) =>
        [.. Routes(services)
            .Where(route => route.Metadata.GetMetadata<PermissionRequirement>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(Name)];

    /// <summary>The routes open to all; a service's test lists them, so that a new one is noticed.</summary>
    public static IReadOnlyList<string> Anonymous(IServiceProvider services) =>
        [.. Routes(services).Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(Name)];

    private static IEnumerable<RouteEndpoint> Routes(IServiceProvider services) =>
        services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static string Name(RouteEndpoint route) =>
        $"{string.Join('|', route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"])} {route.RoutePattern.RawText}";
}
