using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Usage;

internal static class UsageExtensions
{
    public static void AddUsage(this WebApplicationBuilder builder)
    {
        if (UsageOutbox.IsEnabled(builder.Configuration))
        {
            builder.Services.AddSingleton<UsageReportStore>().AddSingleton<UsageReportService>().AddHostedService<UsageRetention>();
        }
    }

    public static void MapUsage(this WebApplication app)
    {
        if (UsageOutbox.IsEnabled(app.Configuration))
        {
            UsageEndpoints.Map(app);
        }
    }
}
