using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Management;

internal static class ManagementExtensions
{
    public static IServiceCollection AddManagement(this IServiceCollection services)
    {
        services.AddServiceClients();
        services.AddSingleton<ServiceForwarder>();
        return services;
    }

    public static void MapManagement(this IEndpointRouteBuilder app)
    {
        ManagementEndpoints.Map(app, ServiceClients.Library);
        ManagementEndpoints.Map(app, ServiceClients.Builder);
    }
}
