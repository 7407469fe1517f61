namespace AiFactory.Builder.Runs;

internal static class RunsExtensions
{
    internal static WebApplicationBuilder AddRuns(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<RunOptions>().BindConfiguration("Runs").ValidateDataAnnotations();
        builder.Services
            .AddSingleton<RunStore>()
            .AddSingleton<RunService>()
            .AddSingleton<RunSignals>()
            .AddSingleton<RunFeed>()
            .AddSingleton<RunEvents>()
            .AddSingleton<RunListener>()
            .AddHostedService(services => services.GetRequiredService<RunListener>());
        return builder;
    }

    internal static WebApplication MapRuns(this WebApplication app)
    {
        RunEndpoints.Map(app);
        return app;
    }
}
