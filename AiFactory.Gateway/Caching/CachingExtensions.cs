namespace AiFactory.Gateway.Caching;

internal static class CachingExtensions
{
    public static IServiceCollection AddCaching(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<CachingOptions>().BindConfiguration(CachingOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<CacheMemory>();
        services.AddSingleton<Flights>();
        services.AddSingleton<CachingTelemetry>();
        services.AddSingleton<ResponseCache>();
        return services;
    }
}
