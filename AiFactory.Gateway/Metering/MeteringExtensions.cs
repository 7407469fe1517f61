using AiFactory.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Metering;

internal static class MeteringExtensions
{
    public static WebApplicationBuilder AddMetering(this WebApplicationBuilder builder)
    {
        builder.Services.AddMetering();
        if (UsageOutbox.IsEnabled(builder.Configuration))
        {
            builder.AddPostgresDatabase(UsageOutbox.Database, typeof(MeteringExtensions).Assembly, servesWithout: true);
            builder.Services.AddSingleton<UsageStore>();
            builder.Services.AddHostedService<UsageShipper>();
        }

        return builder;
    }

    public static IServiceCollection AddMetering(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<MeteringOptions>().BindConfiguration(MeteringOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<PricingOptions>().BindConfiguration(PricingOptions.Section);
        services.AddSingleton<IValidateOptions<PricingOptions>, PricingOptionsValidator>();
        services.AddSingleton<PriceTable>();
        services.AddSingleton<UsageOutbox>();
        services.AddSingleton<MeteringTelemetry>();
        services.AddSingleton<UsageMeter>();
        services.AddHostedService<OutboxKeeper>();
        return services;
    }
}
