using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Flows;

internal static class FlowsExtensions
{
    public static IServiceCollection AddFlows(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<FlowOptions>().BindConfiguration(FlowOptions.Section).ValidateDataAnnotations();
        FlowClient.Register(services);
        services.AddSingleton<FlowClient>();
        services.AddSingleton<FlowCatalogue>();
        services.AddSingleton<FlowForwarder>();
        return services;
    }
}
