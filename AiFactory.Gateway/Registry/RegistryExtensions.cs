using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Registry;

internal static class RegistryExtensions
{
    /// <summary>Before the snapshots: their first table has the file's models in it.</summary>
    public static IServiceCollection AddRegistry(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<RegistryOptions>().BindConfiguration(RegistryOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<IValidateOptions<RegistryOptions>, RegistryOptionsValidator>();
        services.AddSingleton<StaticRegistry>();
        services.AddSingleton<RoutePublisher>();
        services.AddHostedService<RegistryWatcher>();
        return services;
    }
}
