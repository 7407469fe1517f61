using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ServiceDefaults.Discovery;

internal static class DiscoveryExtensions
{
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services) => services;
}
