using AiFactory.ModelLibrary.Seeding;
using AiFactory.ModelLibrary.Sources.Directories;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Sources;

internal static class SourcesExtensions
{
    internal static WebApplicationBuilder AddSources(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<SourcesOptions>().BindConfiguration("Sources").ValidateDataAnnotations();
        builder.Services.AddSingleton<ISourceConnector>(services =>
        {
            var roots = services.GetRequiredService<IOptions<SourcesOptions>>().Value.AllowedRoots;
            var seed = services.GetRequiredService<IOptions<SeedOptions>>().Value.ModelsDirectory;
            return new DirectoryConnector([.. roots, .. seed is null ? (string[])[] : [seed]]);
        });
        builder.Services.AddSingleton<SourceConnectors>().AddSingleton<SourceStore>().AddSingleton<SourceService>();
        return builder;
    }

    internal static WebApplication MapSources(this WebApplication app)
    {
        SourceEndpoints.Map(app);
        return app;
    }
}
