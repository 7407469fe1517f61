using AiFactory.Gateway.Batches;
using AiFactory.Gateway.Files;
using AiFactory.Gateway.Images;
using AiFactory.Gateway.Jobs;
using AiFactory.Gateway.Webhooks;
using AiFactory.ServiceDefaults;

namespace AiFactory.Gateway.Storage;

internal static class StoredWorkExtensions
{
    /// <summary>Files, batches, jobs and images. After the metering, which brings the database.</summary>
    public static WebApplicationBuilder AddStoredWork(this WebApplicationBuilder builder)
    {
        var enabled = StoredWork.IsEnabled(builder.Configuration);
        if (enabled)
        {
            builder.AddObjectStore(StoredWork.Objects, servesWithout: true);
        }

        builder.Services.AddSingleton<StoredWorkDoor>().AddFiles(enabled).AddBatches(enabled).AddJobs(enabled).AddWebhooks(enabled).AddImages(enabled);
        return builder;
    }

    public static void MapStoredWork(this IEndpointRouteBuilder app)
    {
        app.MapFiles();
        app.MapBatches();
        app.MapJobs();
        app.MapWebhooks();
        app.MapImages();
    }
}
