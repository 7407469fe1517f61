namespace AiFactory.ModelLibrary.Keys;

internal static class KeysExtensions
{
    internal static WebApplicationBuilder AddKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyStore>().AddSingleton<KeyService>().AddSingleton<KeyRotation>();
        return builder;
    }

    internal static WebApplication MapKeys(this WebApplication app)
    {
        KeyEndpoints.Map(app);
        return app;
    }
}
