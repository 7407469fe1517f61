using AiFactory.Gateway.Files.Uploads;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Files;

/// <summary>Removes files whose time is over, and what uploads left that were broken off.</summary>
internal sealed class FileSweep(MigrationState migrations, FileStore store, FileObjects objects, UploadStore uploads, UploadObjects parts, TimeProvider time, ILogger<FileSweep> logger)
    : Loop(migrations, new Signal(), TimeSpan.FromMinutes(10), time, logger)
{
    private const int AtOnce = 100;

    /// <summary>No upload takes as long.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly TimeProvider _time = time;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        await store.ExpireAsync(now, now - Abandoned, cancellationToken);
        var deleted = await store.DeletedAsync(AtOnce, cancellationToken);
        foreach (var id in deleted)
        {
            // The row goes last: what dies between is done again.
            await objects.DeleteAsync(id, cancellationToken);
            await store.RemoveAsync(id, cancellationToken);
        }

        await uploads.ExpireAsync(now, cancellationToken);
        var useless = await uploads.UselessPartsAsync(AtOnce, cancellationToken);
        foreach (var part in useless)
        {
            await parts.DeleteAsync(part.UploadId, part.Id, cancellationToken);
            await uploads.RemovePartAsync(part.Id, cancellationToken);
        }

        await uploads.DeleteEndedAsync(now - Abandoned, cancellationToken);
        return deleted.Count == AtOnce || useless.Count == AtOnce;
    }
}
