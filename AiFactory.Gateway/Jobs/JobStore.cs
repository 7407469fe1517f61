using AiFactory.Gateway.Batches;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Jobs;

/// <summary>What a job has beside its batch: the request, and its result.</summary>
internal sealed class JobStore(Database database)
{
    internal static Task InsertRequestAsync(DatabaseTransaction transaction, Guid batch, byte[]? body, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("insert into batch_requests (batch_id, line, custom_id, body, next_at) values (@batch, 1, '', @body, @now)", new { batch, body, now }, cancellationToken);

    /// <summary>What its line of keys has asked for under that name before.</summary>
    internal static Task<BatchRow?> FindByKeyAsync(DatabaseTransaction transaction, string project, string line, string key, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<BatchRow>(
            $"select {BatchStore.Columns} from batches as b where b.project = @project and b.line = @line and b.idempotency_key = @key and b.kind = 'job'", new { project, line, key }, cancellationToken);

    /// <summary>Its body is kept, so it may begin. False when it has begun, or was cancelled meanwhile.</summary>
    internal static async Task<bool> BeginAsync(DatabaseTransaction transaction, Guid batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync("update batches set status = 'in_progress', in_progress_at = @now, stage_at = @now where id = @batch and status = 'validating'", new { batch, now }, cancellationToken) == 1;

    /// <summary>Not before that time does anybody look at a job whose body is still being kept.</summary>
    internal static Task HoldBackAsync(DatabaseTransaction transaction, Guid batch, DateTimeOffset until, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("update batches set stage_at = @until where id = @batch", new { batch, until }, cancellationToken);

    internal Task<JobRequestRow?> FindRequestAsync(Guid batch, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<JobRequestRow>(
            "select batch_id, state, next_at, attempt, status, answer, answer_object, error_code, error_message from batch_requests where batch_id = @batch and line = 1",
            new { batch },
            cancellationToken);

    /// <summary>Without their answers.</summary>
    internal Task<IReadOnlyList<JobRequestRow>> RequestsAsync(Guid[] batches, CancellationToken cancellationToken) =>
        database.QueryAsync<JobRequestRow>(
            "select batch_id, state, next_at, attempt, status, answer_object, error_code, error_message from batch_requests where batch_id = any(@batches) and line = 1", new { batches }, cancellationToken);

    /// <summary>A job that has ended, with its result. False when it has not, or there is none.</summary>
    internal async Task<bool> DeleteAsync(string project, Guid id, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "delete from batches where id = @id and project = @project and kind = 'job' and status in ('completed', 'failed', 'expired', 'cancelled')", new { id, project }, cancellationToken) == 1;
}
