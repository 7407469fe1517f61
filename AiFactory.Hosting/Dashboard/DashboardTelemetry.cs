using AiFactory.Hosting.Acquisition;
using AiFactory.Hosting.Orchestration;

namespace AiFactory.Hosting.Dashboard;

/// <summary>
/// Resources send their telemetry to the dashboard, and need not wait until it is there: an exporter that finds nobody tries again.
/// </summary>
internal sealed class DashboardTelemetry(DashboardSettings settings) : ITelemetryTarget
{
    private readonly TelemetryEndpoint? _endpoint =
        NpmPackages.HasDashboardFor(Platform.Current) ? new TelemetryEndpoint(settings.Otlp, settings.OtlpKey) : null;

    public ValueTask<TelemetryEndpoint?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_endpoint);
}
