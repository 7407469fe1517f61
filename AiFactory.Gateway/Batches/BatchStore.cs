using AiFactory.Gateway.Batches.Running;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Batches;

/// <summary>Batches as their clients see them.</summary>
internal sealed class BatchStore(Database database)
{
    internal const string Columns =
        """
        b.id, b.kind, b.project, b.subject, b.line, b.known_version, b.known_at, b.endpoint, b.status, b.outcome, b.frozen_at, b.input_file, b.output_file, b.error_file, b.completion_window, b.output_expires_seconds,
        b.metadata::text as metadata, b.errors::text as errors, b.webhook, b.idempotency_key, b.request_hash, b.total, b.completed, b.failed, b.input_tokens, b.cached_tokens, b.output_tokens, b.reasoning_tokens, b.has_objects, b.created_at, b.expires_at, b.in_progress_at, b.finalizing_at, b.completed_at,
        b.failed_at, b.expired_at, b.cancelling_at, b.cancelled_at
        """;

    /// <summary>False when the project has too many that have not ended.</summary>
    internal static async Task<bool> InsertAsync(DatabaseTransaction transaction, BatchRow batch, int mostOpen, CancellationToken cancellationToken)
    {
        await LockProjectAsync(transaction, batch.Project, cancellationToken);
        if (await transaction.FirstOrDefaultAsync<int>(
            "select count(*)::int from batches where project = @Project and kind = @Kind and status in ('validating', 'in_progress', 'finalizing', 'cancelling')",
            new { batch.Project, batch.Kind },
            cancellationToken) >= mostOpen)
        {
            return false;
        }

        await transaction.ExecuteAsync(
            """
            insert into batches (
              id, kind, project, subject, line, known_version, known_at, endpoint, status, input_file, completion_window, output_expires_seconds, metadata, webhook, idempotency_key, request_hash, total, has_objects, created_at, expires_at, in_progress_at, stage_at, next_at)
            values (
              @Id, @Kind, @Project, @Subject, @Line, @KnownVersion, @KnownAt, @Endpoint, @Status, @InputFile, @CompletionWindow, @OutputExpiresSeconds, @Metadata::jsonb, @Webhook, @IdempotencyKey, @RequestHash, @Total, @HasObjects, @CreatedAt, @ExpiresAt, @InProgressAt, @CreatedAt, @CreatedAt)
            """,
            batch,
            cancellationToken);
        return true;
    }

    /// <summary>Until the transaction ends the project's batches and jobs are begun one after the other.</summary>
    internal static Task LockProjectAsync(DatabaseTransaction transaction, string project, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('batches of ' || @project, 0))", new { project }, cancellationToken);

    /// <summary>Keeps the file from being deleted until the transaction ends. False when there is none.</summary>
    internal static async Task<bool> HoldInputAsync(DatabaseTransaction transaction, string project, string? only, Guid file, DateTimeOffset now, CancellationToken cancellationToken) =>
        await transaction.FirstOrDefaultAsync<Guid?>(
            """
            select id from files
            where id = @file and project = @project and (@only::text is null or line = @only) and purpose = 'batch' and state = 'ready' and (expires_at is null or expires_at > @now)
            for share
            """,
            new { file, project, only, now },
            cancellationToken) is not null;

    internal Task<DatabaseTransaction> BeginAsync(CancellationToken cancellationToken) => database.BeginAsync(cancellationToken);

    /// <param name="only">Whose alone; null for all of the project.</param>
    internal Task<BatchRow?> FindAsync(string project, string? only, string kind, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<BatchRow>(
            $"select {Columns} from batches as b where b.id = @id and b.project = @project and (@only::text is null or b.line = @only) and b.kind = @kind",
            new { id, project, only, kind },
            cancellationToken);

    internal Task<IReadOnlyList<BatchRow>> ListAsync(string project, string? only, string kind, Guid? after, bool ascending, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<BatchRow>(
            $"""
            select {Columns} from batches as b
            where b.project = @project and (@only::text is null or b.line = @only) and b.kind = @kind
              and (@after::uuid is null or case when @ascending then b.id > @after else b.id < @after end)
            order by case when @ascending then b.id end, case when not @ascending then b.id end desc
            limit @limit
            """,
            new { project, only, kind, after, ascending, limit },
            cancellationToken);

    /// <summary>Counted as long as they run, for a count in their row would have their requests wait for each other.</summary>
    internal Task<IReadOnlyList<ResultCounts>> CountAsync(Guid[] ids, CancellationToken cancellationToken) =>
        database.QueryAsync<ResultCounts>(
            """
            select batch_id,
              count(*) filter (where error_code is null and status between 200 and 299)::int as completed,
              count(*) filter (where error_code is not null or status not between 200 and 299)::int as failed,
              sum(input_tokens)::bigint as input_tokens, sum(cached_tokens)::bigint as cached_tokens, sum(output_tokens)::bigint as output_tokens, sum(reasoning_tokens)::bigint as reasoning_tokens
            from batch_requests where batch_id = any(@ids) and state = 'done'
            group by batch_id
            """,
            new { ids },
            cancellationToken);

    /// <summary>From now on no request of it begins. False when it has ended, or ends already.</summary>
    internal async Task<bool> CancelAsync(string project, string? only, string kind, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            update batches set status = 'cancelling', outcome = 'cancelled', cancelling_at = @now, claim = null, claimed_until = null, stage_at = @now
            where id = @id and project = @project and (@only::text is null or line = @only) and kind = @kind and status in ('validating', 'in_progress') and outcome is null
            """,
            new { id, project, only, kind, now },
            cancellationToken) == 1;

    /// <summary>Ended batches that nobody asks for any more; their requests go with them.</summary>
    internal Task<int> DeleteEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            delete from batches where id in (
              select id from batches where created_at < @before and status in ('completed', 'failed', 'expired', 'cancelled') and not has_objects order by created_at limit @limit)
            """,
            new { before, limit },
            cancellationToken);

    /// <summary>Those that have ended and whose objects are of no use any more: of a batch at once, of a job when it is forgotten.</summary>
    internal Task<IReadOnlyList<Guid>> WithUselessObjectsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Guid>(
            """
            select id from batches
            where has_objects and status in ('completed', 'failed', 'expired', 'cancelled') and (kind = 'batch' or created_at < @before)
            limit @limit
            """,
            new { before, limit },
            cancellationToken);

    internal Task ObjectsRemovedAsync(Guid id, CancellationToken cancellationToken) => database.ExecuteAsync("update batches set has_objects = false where id = @id", new { id }, cancellationToken);
}
