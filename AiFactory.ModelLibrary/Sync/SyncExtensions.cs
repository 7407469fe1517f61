using AiFactory.ServiceDefaults.Loops;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Sync;

internal static class SyncExtensions
{
    internal static WebApplicationBuilder AddSync(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<SyncOptions>().BindConfiguration("Sync").ValidateDataAnnotations();
        builder.Services
            .AddSingleton(services => new Leases(services.GetRequiredService<IOptions<SyncOptions>>().Value.Lease, services.GetRequiredService<TimeProvider>()))
            .AddSingleton<SyncStore>()
            .AddSingleton<ArtifactStore>()
            .AddSingleton<SyncService>()
            .AddSingleton<Discovery>()
            .AddSingleton<SyncRun>()
            .AddSingleton<ArtifactCopy>()
            .AddSingleton<SyncWorker>()
            .AddSingleton<CopyWorker>()
            .AddHostedService(services => services.GetRequiredService<SyncWorker>())
            .AddHostedService(services => services.GetRequiredService<CopyWorker>());
        return builder;
    }

    internal static WebApplication MapSync(this WebApplication app)
    {
        SyncEndpoints.Map(app);
        return app;
    }
}
