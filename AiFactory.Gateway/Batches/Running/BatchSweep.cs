using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Forgets batches and jobs that ended long ago, and the objects that ended ones have no use for.</summary>
internal sealed class BatchSweep(MigrationState migrations, BatchStore store, WorkObjects objects, IOptions<BatchOptions> options, TimeProvider time, ILogger<BatchSweep> logger)
    : Loop(migrations, new Signal(), TimeSpan.FromMinutes(10), time, logger)
{
    private const int AtOnce = 100;

    private readonly TimeProvider _time = time;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var before = _time.GetUtcNow() - options.Value.Retention;
        var useless = await store.WithUselessObjectsAsync(before, AtOnce, cancellationToken);
        foreach (var id in useless)
        {
            await objects.DeleteAllAsync(id, cancellationToken);
            await store.ObjectsRemovedAsync(id, cancellationToken);
        }

        return await store.DeleteEndedAsync(before, AtOnce, cancellationToken) == AtOnce || useless.Count == AtOnce;
    }
}
