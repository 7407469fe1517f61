using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Workers;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Telemetry;

/// <summary>Counts versions and workers by state for the gauges, now and then, so that a scrape asks the database nothing.</summary>
internal sealed class StateCounter(
    MigrationState migrations, VersionStore versions, WorkerStore workers, LibraryTelemetry telemetry, TimeProvider time, ILogger<StateCounter> logger)
    : Loop(migrations, new Signal(), TimeSpan.FromSeconds(10), time, logger)
{
    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        telemetry.Count(await versions.CountByStateAsync(cancellationToken), await workers.CountByStateAsync(cancellationToken));
        return false;
    }
}
