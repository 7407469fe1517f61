using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Sources;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Sync;

/// <summary>What people ask of syncs: one now, and how the last ones ended.</summary>
internal sealed class SyncService(Database database, SourceStore sources, SyncStore syncs, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    /// <summary>Who asks for the syncs that nobody asked for.</summary>
    internal const string Schedule = "system:schedule";

    internal async Task<Outcome<SyncResult>> QueueAsync(string project, Guid sourceId, string actor, CancellationToken cancellationToken)
    {
        if (await sources.FindAsync(project, sourceId, cancellationToken) is not { } source)
        {
            return Outcome<SyncResult>.Missed("source", sourceId);
        }

        if (!source.Enabled)
        {
            return new Outcome<SyncResult>.Conflict($"The source '{source.Name}' is disabled; enable it first.");
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        var queued = await syncs.QueueAsync(transaction, New(sourceId, actor, time.GetUtcNow()), cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(project, actor, "source.sync-requested", $"source/{sourceId}"), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Sync.Raise();
        return SyncMapping.ToResult(queued);
    }

    internal async Task<Outcome<Page<SyncResult>>> ListAsync(string project, Guid sourceId, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<SyncResult>>();
        }

        if (!Cursors.TryId(after, out var id))
        {
            return Paging.BadAfter<Page<SyncResult>>();
        }

        if (await sources.FindAsync(project, sourceId, cancellationToken) is null)
        {
            return Outcome<Page<SyncResult>>.Missed("source", sourceId);
        }

        var rows = await syncs.ListAsync(sourceId, id, limit + 1, cancellationToken);
        return Paging.Page(rows, limit, SyncMapping.ToResult, row => row.Id.ToString());
    }

    internal static SyncRow New(Guid sourceId, string actor, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        SourceId = sourceId,
        State = SyncStates.Queued,
        Discovered = 0,
        Added = 0,
        Skipped = 0,
        RequestedBy = actor,
        QueuedAt = now,
    };
}
