namespace AiFactory.Gateway.Traffic;

internal static class TrafficExtensions
{
    public static IServiceCollection AddTraffic(this IServiceCollection services) => services.AddSingleton<TrafficService>();

    public static void MapTraffic(this WebApplication app)
    {
        // Now and not with the first look: it tells for how long the gateway has counted.
        app.Services.GetRequiredService<TrafficService>();
        TrafficEndpoints.Map(app);
    }
}
