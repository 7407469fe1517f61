using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Routing;

internal static class RoutingExtensions
{
    /// <summary>Named apart from ASP.NET's own AddRouting.</summary>
    public static IServiceCollection AddRoutingChoices(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<RoutingOptions>().BindConfiguration(RoutingOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<BreakerOptions>().BindConfiguration(BreakerOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<RetryOptions>().BindConfiguration(RetryOptions.Section).ValidateDataAnnotations();
        services.AddSingleton(provider => new BreakerRules(provider.GetRequiredService<IOptions<BreakerOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ReplicaChooser(provider.GetRequiredService<BreakerRules>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<RoutingOptions>>().Value.Zone));
        services.AddSingleton<SoonestChooser>();
        return services;
    }
}
