namespace AiFactory.ModelLibrary.Limits;

internal static class LimitsExtensions
{
    internal static WebApplicationBuilder AddLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LimitStore>().AddSingleton<LimitService>();
        return builder;
    }

    internal static WebApplication MapLimits(this WebApplication app)
    {
        LimitEndpoints.Map(app);
        return app;
    }
}
