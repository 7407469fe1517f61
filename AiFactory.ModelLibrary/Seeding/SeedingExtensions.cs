namespace AiFactory.ModelLibrary.Seeding;

internal static class SeedingExtensions
{
    internal static WebApplicationBuilder AddSeeding(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<SeedOptions>().BindConfiguration("Seed").ValidateDataAnnotations();
        builder.Services.AddSingleton<SeedKeys>().AddSingleton<SeedService>().AddHostedService<SeedWorker>();
        return builder;
    }
}
