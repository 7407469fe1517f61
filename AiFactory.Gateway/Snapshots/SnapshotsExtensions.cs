using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Health;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Snapshots;

internal static class SnapshotsExtensions
{
    public static IServiceCollection AddSnapshots(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<SnapshotOptions>().BindConfiguration(SnapshotOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<CurrentRoutes>();
        services.AddSingleton<SnapshotFile>();
        services.AddSingleton<SnapshotClient>();
        services.AddHostedService<SnapshotWatcher>();
        services.AddHealthChecks().AddCheck<SnapshotReadiness>(SnapshotReadiness.Name, tags: [HealthTags.Ready]);
        return services;
    }
}
