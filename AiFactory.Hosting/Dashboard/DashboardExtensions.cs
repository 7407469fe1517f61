using AiFactory.Hosting.Acquisition;
using AiFactory.Hosting.Orchestration;
using Aspire.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Hosting.Dashboard;

internal static class DashboardExtensions
{
    /// <summary>Adds the dashboard, unless it is switched off or nothing runs.</summary>
    public static IServiceCollection AddDashboard(
        this IServiceCollection services, DistributedApplicationOptions options, DistributedApplicationExecutionContext execution)
    {
        if (options.DisableDashboard || !execution.IsRunMode)
        {
            return services;
        }

        services.AddSingleton(provider => DashboardSettings.From(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton(_ => new DashboardInstallation(new PackageCache()));
        services.AddSingleton<ITelemetryTarget, DashboardTelemetry>();
        services.AddHostedService<DashboardHost>();
        return services;
    }
}
