using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Variants;

namespace AiFactory.Gateway.Rollouts;

internal static class RolloutsExtensions
{
    /// <summary>Without a ledger nothing can be told, and the library's rollouts wait.</summary>
    public static WebApplicationBuilder AddRollouts(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<RolloutReporterOptions>().BindConfiguration(RolloutReporterOptions.Section).ValidateDataAnnotations();
        builder.Services.AddSingleton<OpenRequests>();
        if (UsageOutbox.IsEnabled(builder.Configuration))
        {
            builder.Services.AddSingleton<RolloutSampleStore>().AddSingleton<GatewayMarkStore>().AddSingleton<VariantIndex>().AddSingleton<RolloutReporter>().AddHostedService(services => services.GetRequiredService<RolloutReporter>());
        }

        return builder;
    }
}
