using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Management;

internal static class ManagementExtensions
{
    public static IServiceCollection AddManagement(this IServiceCollection services)
    {
        services.AddLibraryClient();
        services.AddSingleton<ServiceForwarder>();
        return services;
    }

    public static void MapManagement(this IEndpointRouteBuilder app) => LibraryEndpoints.Map(app);
}
