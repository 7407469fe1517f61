namespace AiFactory.ModelLibrary.Routing;

internal static class RoutingExtensions
{
    internal static WebApplicationBuilder AddRoutingSnapshot(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<SnapshotStore>()
            .AddSingleton<SnapshotBuilder>()
            .AddSingleton<SnapshotFeed>()
            .AddSingleton<SnapshotPublisher>()
            .AddHostedService(services => services.GetRequiredService<SnapshotPublisher>());
        return builder;
    }

    internal static WebApplication MapRoutingSnapshot(this WebApplication app)
    {
        RoutingEndpoints.Map(app);
        return app;
    }
}
