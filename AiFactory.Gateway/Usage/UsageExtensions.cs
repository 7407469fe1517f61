using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Usage;

internal static class UsageExtensions
{
    public static WebApplicationBuilder AddUsage(this WebApplicationBuilder builder)
    {
        if (UsageOutbox.IsEnabled(builder.Configuration))
        {
            builder.Services.AddSingleton<UsageReportStore>().AddSingleton<UsageReportService>().AddHostedService<UsageRetention>();
        }

        return builder;
    }

    public static void MapUsage(this WebApplication app)
    {
        if (UsageOutbox.IsEnabled(app.Configuration))
        {
            UsageEndpoints.Map(app);
        }
    }
}
