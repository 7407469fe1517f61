using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Sources;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Sync;

/// <summary>Queues the syncs whose time has come, claims one, and runs it.</summary>
internal sealed partial class SyncWorker(
    MigrationState migrations,
    LibrarySignals signals,
    Database database,
    SyncStore syncs,
    SyncRun run,
    Leases leases,
    IOptions<SourcesOptions> options,
    LibraryTelemetry telemetry,
    TimeProvider time,
    ILogger<SyncWorker> logger) : Loop(migrations, signals.Sync, TimeSpan.FromSeconds(1), time, logger)
{
    private const int KeptSyncs = 200;

    private readonly TimeProvider _time = time;
    private readonly ILogger<SyncWorker> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        await QueueDueAsync(cancellationToken);
        var now = _time.GetUtcNow();
        if (await syncs.ClaimAsync(Guid.CreateVersion7(now), now, now + leases.Duration, cancellationToken) is not { } claimed)
        {
            return false;
        }

        using var activity = telemetry.StartSync(claimed.SourceId);
        var finished = await leases.HoldAsync(
            (until, token) => syncs.RenewAsync(claimed.Id, claimed.LeaseId, until, token),
            token => TryRunAsync(claimed, token),
            cancellationToken);
        await FinishAsync(finished, cancellationToken);
        telemetry.SyncFinished(finished.State);
        LogFinished(_logger, claimed.SourceId, finished.State, finished.Discovered, finished.Added, finished.Skipped, finished.Error);
        return true;
    }

    private async Task QueueDueAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        await using var transaction = await database.BeginAsync(cancellationToken);
        foreach (var source in await syncs.TakeDueSourcesAsync(transaction, now, now + options.Value.SyncInterval, cancellationToken))
        {
            await syncs.QueueAsync(transaction, SyncService.New(source, SyncService.Schedule, now), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<SyncRow> TryRunAsync(SyncRow claimed, CancellationToken cancellationToken)
    {
        try
        {
            return await run.RunAsync(claimed, cancellationToken);
        }
        catch (Exception error) when (error is SourceException or UnauthorizedAccessException or IOException and not LeaseLostException)
        {
            return claimed with { State = SyncStates.Failed, Error = error.Message };
        }
    }

    private async Task FinishAsync(SyncRow finished, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await syncs.FinishAsync(transaction, finished with { FinishedAt = _time.GetUtcNow() }, cancellationToken))
        {
            throw new LeaseLostException();
        }

        await syncs.PruneAsync(transaction, finished.SourceId, KeptSyncs, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    [LoggerMessage(2101, LogLevel.Information, "Sync of source {Source} {State}: {Discovered} let in, {Added} new, {Skipped} passed over {Error}")]
    private static partial void LogFinished(ILogger logger, Guid source, string state, int discovered, int added, int skipped, string? error);
}
