namespace AiFactory.ModelLibrary.Seeding;

internal static class SeedingExtensions
{
    internal static WebApplicationBuilder AddSeeding(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<SeedOptions, SeedOptionsValidator>().BindConfiguration("Seed");
        builder.Services.AddSingleton<SeedKeys>().AddSingleton<SeedService>().AddHostedService<SeedWorker>();
        return builder;
    }
}
