using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Auditing;

internal static class AuditingExtensions
{
    public static WebApplicationBuilder AddAuditing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuditTrail>().AddHostedService<AuditTrailWorker>();
        if (UsageOutbox.IsEnabled(builder.Configuration))
        {
            builder.Services.AddSingleton<AuditStore>().AddSingleton<AuditDelivery>().AddSingleton<AuditService>();
        }

        return builder;
    }

    public static void MapAuditing(this WebApplication app)
    {
        if (UsageOutbox.IsEnabled(app.Configuration))
        {
            AuditEndpoints.Map(app);
        }
    }
}
