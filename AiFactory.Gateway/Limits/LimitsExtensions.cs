using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Limits;

internal static class LimitsExtensions
{
    /// <summary>Before the metering: what is added first stops last, and what this gateway holds is given back when all that it spent is delivered.</summary>
    public static WebApplicationBuilder AddLimits(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<LimitsOptions>().BindConfiguration(LimitsOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<LeaseBook>();
        services.AddSingleton<Tallies>();
        services.AddSingleton<LimitsTelemetry>();
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<LimitStateService>();
        if (UsageOutbox.IsEnabled(builder.Configuration))
        {
            services.AddSingleton<LeaseStore>();
            services.AddSingleton<HolderFile>();
            services.AddHostedService<LeaseKeeper>();
            services.AddHostedService<LeaseListener>();
        }

        return builder;
    }

    public static void MapLimits(this WebApplication app) => LimitEndpoints.Map(app);
}
