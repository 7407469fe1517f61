namespace AiFactory.ModelLibrary.Rollouts;

internal static class RolloutsExtensions
{
    internal static WebApplicationBuilder AddRollouts(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<RolloutOptions>().BindConfiguration("Rollouts").ValidateDataAnnotations();
        builder.Services
            .AddSingleton<RolloutStore>()
            .AddSingleton<RolloutMoves>()
            .AddSingleton<RolloutService>()
            .AddSingleton<RolloutController>()
            .AddHostedService(services => services.GetRequiredService<RolloutController>());
        return builder;
    }

    internal static WebApplication MapRollouts(this WebApplication app)
    {
        RolloutEndpoints.Map(app);
        return app;
    }
}
