using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Claims requests of batches as long as this gateway has room for them, and begins them.</summary>
internal sealed class RequestWorker(
    MigrationState migrations,
    WorkSignals signals,
    RequestStore store,
    RequestRunner runner,
    RunningRequests running,
    CurrentRoutes routes,
    IOptions<BatchOptions> options,
    TimeProvider time,
    ILogger<RequestWorker> logger) : Loop(migrations, signals.Requests, options.Value.Interval, time, logger)
{
    private readonly BatchOptions _options = options.Value;
    private readonly TimeProvider _time = time;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var room = _options.Concurrency - running.Count;
        if (room <= 0 || routes.Table is not { Snapshot: var snapshot })
        {
            return false;
        }

        // Not cancelled in the middle: what is claimed must be begun, or it would be left until its lease is over.
        var rows = await store.ClaimAsync(running.Claim, room, _options.RequestsPerBatch, snapshot, !running.HasSuspect, _time.GetUtcNow(), _options.Lease, CancellationToken.None);
        foreach (var row in rows)
        {
            running.Start(row, token => runner.RunAsync(row, token));
        }

        return rows.Count > 0;
    }

    /// <summary>What is under way is given back, for another gateway or the next start: an answer may take longer than a stop.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await running.StopAsync(cancellationToken);
    }
}
