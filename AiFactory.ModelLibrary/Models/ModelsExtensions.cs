namespace AiFactory.ModelLibrary.Models;

internal static class ModelsExtensions
{
    internal static WebApplicationBuilder AddModels(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ModelStore>().AddSingleton<VersionStore>().AddSingleton<EvidenceStore>().AddSingleton<VersionSteps>().AddSingleton<ModelService>();
        return builder;
    }

    internal static WebApplication MapModels(this WebApplication app)
    {
        ModelEndpoints.Map(app);
        return app;
    }
}
