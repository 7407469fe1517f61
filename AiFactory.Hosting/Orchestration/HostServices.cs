using AiFactory.Hosting.Dashboard;
using AiFactory.Hosting.Orchestration.Endpoints;
using AiFactory.Hosting.Orchestration.Health;
using AiFactory.Hosting.Orchestration.Processes;
using AiFactory.Hosting.Pipelines;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration;

internal static class HostServices
{
    public static void Add(HostApplicationBuilder host, DistributedApplicationBuilder builder, DistributedApplicationOptions options)
    {
        var services = host.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(builder.ExecutionContext);
        services.AddSingleton(builder.Eventing);
        services.AddSingleton(builder.UserSecrets);
        services.AddSingleton(new AppHostDirectories(builder.AppHostDirectory, host.Configuration));
        services.AddSingleton(_ => new DistributedApplicationModel(builder.Resources));
        services.AddSingleton(s => new ResourceLoggerService(s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ResourceNotificationService>();
        services.AddSingleton(s => new ResourceCommandService(
            s.GetRequiredService<ResourceNotificationService>(), s.GetRequiredService<ResourceLoggerService>(), s));
        services.AddSingleton(ProjectTargets.Beside(builder.AppHostAssembly));
        services.AddSingleton<EndpointRegistry>();
        services.AddSingleton<PortMemory>();
        services.AddSingleton<ReplicaDirectory>();
        services.AddSingleton<ReplicaHealthChecks>();
        services.AddSingleton<ReplicaLauncher>();
        services.AddSingleton<PassiveResources>();
        services.AddSingleton<ResourceUrls>();
        services.AddSingleton<ResourceValues>();
        services.AddSingleton(s => new SecretMask(s.GetRequiredService<DistributedApplicationModel>().Resources));
        services.AddSingleton<Sentinel>();
        services.AddSingleton<TelemetryEnvironment>();
        services.AddSingleton<IPipelineOutputService, PipelineOutput>();
        services.AddSingleton(builder.Pipeline);
        services.AddSingleton<Publication>();
        services.AddHealthChecks();
        services.AddHttpClient();
        services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(20));

        host.Logging.AddSimpleConsole(o => o.SingleLine = false);
        host.Logging.AddFilter("Microsoft", LogLevel.Warning);
        host.Logging.AddFilter("System", LogLevel.Warning);
        // A start that fails is told in a sentence (DistributedApplication.RunAsync), not with a stack.
        host.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // Each failed poll would be an error there; the resource's state says it already.
        host.Logging.AddFilter(typeof(HealthCheckService).Namespace, LogLevel.None);
        host.Logging.AddConfiguration(host.Configuration.GetSection("Logging"));

        // Started in this order, stopped in the reverse: what the dashboard shows outlives the resources.
        services.AddHostedService<Preparation>();
        services.AddDashboard(options, builder.ExecutionContext);
        services.TryAddSingleton<ITelemetryTarget, NoTelemetryTarget>();
        services.AddHostedService<HealthMonitor>();
        services.AddSingleton<ResourceHost>();
        services.AddHostedService(s => s.GetRequiredService<ResourceHost>());
    }
}
