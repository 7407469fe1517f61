using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Sync;

internal sealed class SyncStore(Database database)
{
    private const string Columns = "id, source_id, state, error, discovered, added, skipped, requested_by, queued_at, finished_at, lease_id";

    /// <summary>Newest first.</summary>
    internal Task<IReadOnlyList<SyncRow>> ListAsync(Guid sourceId, Guid? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<SyncRow>(
            $"""
            select {Columns} from syncs
            where source_id = @sourceId and (@after::uuid is null or id < @after)
            order by id desc
            limit @limit
            """,
            new { sourceId, after, limit },
            cancellationToken);

    /// <summary>The newest sync of each source.</summary>
    internal Task<IReadOnlyList<SyncRow>> ListLastAsync(Guid[] sourceIds, CancellationToken cancellationToken) =>
        database.QueryAsync<SyncRow>(
            $"""
            select last.* from unnest(@sourceIds) as source(id)
            cross join lateral (select {Columns} from syncs where source_id = source.id order by syncs.id desc limit 1) as last
            """,
            new { sourceIds },
            cancellationToken);

    /// <summary>Queues a sync, or answers the one that is queued already.</summary>
    internal async Task<SyncRow> QueueAsync(DatabaseTransaction transaction, SyncRow sync, CancellationToken cancellationToken)
    {
        await transaction.ExecuteAsync(
            """
            insert into syncs (id, source_id, state, requested_by, queued_at)
            values (@Id, @SourceId, 'queued', @RequestedBy, @QueuedAt)
            on conflict (source_id) where state = 'queued' do update set requested_by = excluded.requested_by
            where syncs.requested_by = @Schedule
            """,
            new { sync.Id, sync.SourceId, sync.RequestedBy, sync.QueuedAt, SyncService.Schedule },
            cancellationToken);
        return await transaction.FirstOrDefaultAsync<SyncRow>(
            $"select {Columns} from syncs where source_id = @SourceId and state = 'queued'", sync, cancellationToken) ?? sync;
    }

    /// <summary>Sources whose time has come, each with its time moved on; locked rows are left to who holds them.</summary>
    internal Task<IReadOnlyList<Guid>> TakeDueSourcesAsync(DatabaseTransaction transaction, DateTimeOffset now, DateTimeOffset next, CancellationToken cancellationToken) =>
        transaction.QueryAsync<Guid>(
            """
            update sources set next_sync_at = @next
            where id in (
              select id from sources where deleted_at is null and enabled and next_sync_at <= @now
              order by next_sync_at for update skip locked limit 20)
            returning id
            """,
            new { now, next },
            cancellationToken);

    /// <summary>The oldest sync that waits, or one whose worker died; never a second one of a source.</summary>
    internal Task<SyncRow?> ClaimAsync(Guid lease, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<SyncRow>(
            $"""
            update syncs set state = 'running', lease_id = @lease, lease_until = @until
            where id = (
              select id from syncs as waiting
              where (state = 'queued' and not exists (select 1 from syncs where source_id = waiting.source_id and state = 'running'))
                 or (state = 'running' and lease_until < @now)
              order by queued_at
              for update skip locked
              limit 1)
            returning {Columns}
            """,
            new { lease, now, until },
            cancellationToken);

    internal async Task<bool> RenewAsync(Guid id, Guid? lease, DateTimeOffset until, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "update syncs set lease_until = @until where id = @id and lease_id = @lease and state = 'running'", new { id, lease, until }, cancellationToken) == 1;

    internal async Task<bool> FinishAsync(DatabaseTransaction transaction, SyncRow sync, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            update syncs set state = @State, error = @Error, discovered = @Discovered, added = @Added, skipped = @Skipped,
                   finished_at = @FinishedAt, lease_id = null, lease_until = null
            where id = @Id and state = 'running' and lease_id = @LeaseId
            """,
            sync,
            cancellationToken) == 1;

    /// <summary>A source keeps its last syncs only: one a minute would otherwise fill the table.</summary>
    internal Task PruneAsync(DatabaseTransaction transaction, Guid sourceId, int keep, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            delete from syncs
            where source_id = @sourceId and state in ('succeeded', 'failed')
              and id < (select id from syncs where source_id = @sourceId order by id desc offset @keep limit 1)
            """,
            new { sourceId, keep },
            cancellationToken);

    /// <summary>Looks at the source again soon: something there is still being written.</summary>
    internal Task HastenAsync(Guid sourceId, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "update sources set next_sync_at = least(next_sync_at, @at) where id = @sourceId", new { sourceId, at }, cancellationToken);
}
