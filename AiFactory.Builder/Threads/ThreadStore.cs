using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Threads;

internal sealed class ThreadStore(Database database)
{
    private const string Columns = "id, project, title, target, created_by, created_at, updated_at";
    private const string MessageColumns = "id, thread_id, role, content, run_id, passages::text as passages, steps::text as steps, created_at";

    /// <summary>Newest first.</summary>
    internal Task<IReadOnlyList<ThreadRow>> ListAsync(string project, string author, Guid? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ThreadRow>(
            $"""
            select {Columns} from threads
            where project = @project and created_by = @author and (@after::uuid is null or id < @after)
            order by id desc
            limit @limit
            """,
            new { project, author, after, limit },
            cancellationToken);

    internal Task<ThreadRow?> FindAsync(string project, string author, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<ThreadRow>(
            $"select {Columns} from threads where project = @project and created_by = @author and id = @id", new { project, author, id }, cancellationToken);

    /// <summary>Oldest first.</summary>
    internal Task<IReadOnlyList<ThreadMessageRow>> ListMessagesAsync(Guid thread, CancellationToken cancellationToken) =>
        database.QueryAsync<ThreadMessageRow>($"select {MessageColumns} from thread_messages where thread_id = @thread order by ordinal", new { thread }, cancellationToken);

    internal Task InsertAsync(ThreadRow row, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            insert into threads (id, project, title, target, created_by, created_at, updated_at)
            values (@Id, @Project, @Title, @Target, @CreatedBy, @CreatedAt, @UpdatedAt)
            """,
            row,
            cancellationToken);

    internal async Task<bool> DeleteAsync(string project, string author, Guid id, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("delete from threads where project = @project and created_by = @author and id = @id", new { project, author, id }, cancellationToken) == 1;

    /// <summary>Takes the thread for one answer; false while another is made.</summary>
    internal async Task<bool> ClaimAsync(
        DatabaseTransaction transaction, Guid id, Guid claim, string title, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            update threads
            set answering = @claim, answering_until = clock_timestamp() + @lease, updated_at = @now, title = coalesce(title, @title)
            where id = @id and (answering_until is null or answering_until <= clock_timestamp())
            """,
            new { id, claim, title, now, lease },
            cancellationToken) == 1;

    /// <summary>False when the thread is claimed by this answer no more: another has it, or it was deleted.</summary>
    internal async Task<bool> RenewAsync(Guid id, Guid claim, TimeSpan lease, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "update threads set answering_until = clock_timestamp() + @lease where id = @id and answering = @claim", new { id, claim, lease }, cancellationToken) == 1;

    /// <summary>False, and nothing is changed, when the thread is claimed by this answer no more.</summary>
    internal async Task<bool> ReleaseAsync(DatabaseTransaction transaction, Guid id, Guid claim, DateTimeOffset now, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            "update threads set answering = null, answering_until = null, updated_at = @now where id = @id and answering = @claim", new { id, claim, now }, cancellationToken) == 1;

    /// <summary>Adds the message, unless the thread was deleted meanwhile.</summary>
    internal Task AddMessageAsync(DatabaseTransaction transaction, ThreadMessageRow row, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into thread_messages (id, thread_id, role, content, run_id, passages, steps, created_at)
            select @Id, id, @Role, @Content, @RunId, @Passages::jsonb, @Steps::jsonb, @CreatedAt from threads where id = @ThreadId
            """,
            row,
            cancellationToken);
}
