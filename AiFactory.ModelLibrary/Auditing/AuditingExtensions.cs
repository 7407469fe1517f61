namespace AiFactory.ModelLibrary.Auditing;

internal static class AuditingExtensions
{
    internal static WebApplicationBuilder AddAuditing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuditStore>().AddSingleton<AuditLog>().AddSingleton<AuditService>();
        return builder;
    }

    internal static WebApplication MapAuditing(this WebApplication app)
    {
        AuditEndpoints.Map(app);
        return app;
    }
}
