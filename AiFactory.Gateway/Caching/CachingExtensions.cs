using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Caching;

internal static class CachingExtensions
{
    public static WebApplicationBuilder AddCaching(this WebApplicationBuilder builder)
    {
        builder.Services.AddCaching();
        if (UsageOutbox.IsEnabled(builder.Configuration) && builder.Configuration.GetValue($"{CachingOptions.Section}:{nameof(CachingOptions.Stored)}", defaultValue: true))
        {
            builder.Services.AddSingleton<CacheStore>().AddHostedService<StoredAnswersWriter>().AddHostedService<CacheKeeper>();
        }

        return builder;
    }

    public static IServiceCollection AddCaching(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<CachingOptions>().BindConfiguration(CachingOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<CacheMemory>();
        services.AddSingleton<CachingTelemetry>();
        services.AddSingleton<StoredAnswers>();
        services.AddSingleton<CacheLevels>();
        services.AddSingleton<Flights>();
        services.AddSingleton<CacheAnswers>();
        services.AddSingleton<SemanticIndex>();
        services.AddSingleton<SemanticCache>();
        services.AddSingleton<ResponseCache>();
        services.AddSingleton<EmbeddingCache>();
        services.AddSingleton<Caches>();
        services.AddSingleton<CachePurgeService>();
        return services;
    }

    public static void MapCaching(this WebApplication app) => CacheEndpoints.Map(app);
}
