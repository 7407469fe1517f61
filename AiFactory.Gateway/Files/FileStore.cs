using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Files;

internal sealed class FileStore(Database database)
{
    private const string Columns = "id, project, purpose, filename, bytes, created_at, expires_at";

    /// <summary>Of a project: what it has, and what it was promised room for, or has in parts where that is more.</summary>
    internal const string Sum =
        """
        select (select coalesce(sum(bytes), 0) from files where project = @Project and state = 'ready')::bigint
          + (select coalesce(sum(greatest(u.bytes, (select sum(bytes) from upload_parts where upload_id = u.id))), 0)
             from uploads as u where project = @Project and state = 'pending' and expires_at > @Now)::bigint
        """;

    /// <summary>Before the first byte is stored, so that what a gateway that dies leaves behind is found.</summary>
    internal Task BeginAsync(Guid id, string project, string subject, string line, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "insert into files (id, project, subject, line, purpose, state, filename, bytes, created_at) values (@id, @project, @subject, @line, 'batch', 'writing', '', 0, @now)",
            new { id, project, subject, line, now },
            cancellationToken);

    internal Task<long> SumAsync(string project, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<long>(Sum, new { Project = project, Now = now }, cancellationToken);

    /// <summary>One upload of a project at a time looks at the sum.</summary>
    internal static Task LockProjectAsync(DatabaseTransaction transaction, string project, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('files of ' || @project, 0))", new { project }, cancellationToken);

    /// <summary>The file is whole.</summary>
    /// <param name="upload">Which it was made of, and which ends with it; null where it came at once.</param>
    internal async Task<FileCommit> CommitAsync(FileRow file, long limit, DateTimeOffset now, CancellationToken cancellationToken, Guid? upload = null)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        await LockProjectAsync(transaction, file.Project, cancellationToken);
        if (upload is not null
            && await transaction.ExecuteAsync("update uploads set state = 'completed', file_id = @Id where id = @upload and state = 'pending'", new { file.Id, upload }, cancellationToken) == 0)
        {
            return FileCommit.TooLate;
        }

        if (await transaction.FirstOrDefaultAsync<long>(Sum, new { file.Project, Now = now }, cancellationToken) + file.Bytes > limit)
        {
            return FileCommit.NoRoom;
        }

        var kept = await transaction.ExecuteAsync(
            """
            update files set state = 'ready', purpose = @Purpose, filename = @Filename, bytes = @Bytes, created_at = @CreatedAt, expires_at = @ExpiresAt
            where id = @Id and state = 'writing'
            """,
            file,
            cancellationToken);
        if (kept == 0)
        {
            return FileCommit.TooLate;
        }

        await transaction.CommitAsync(cancellationToken);
        return FileCommit.Kept;
    }

    /// <param name="only">Whose alone; null for all of the project.</param>
    internal Task<FileRow?> FindAsync(string project, string? only, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<FileRow>(
            $"select {Columns} from files where id = @id and project = @project and (@only::text is null or line = @only) and state = 'ready' and (expires_at is null or expires_at > @now)",
            new { id, project, only, now },
            cancellationToken);

    internal Task<IReadOnlyList<FileRow>> ListAsync(string project, string? only, string? purpose, Guid? after, bool ascending, int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.QueryAsync<FileRow>(
            $"""
            select {Columns} from files
            where project = @project and (@only::text is null or line = @only) and state = 'ready' and (expires_at is null or expires_at > @now)
              and (@purpose::text is null or purpose = @purpose)
              and (@after::uuid is null or case when @ascending then id > @after else id < @after end)
            order by case when @ascending then id end, case when not @ascending then id end desc
            limit @limit
            """,
            new { project, only, purpose, after, ascending, limit, now },
            cancellationToken);

    /// <summary>Nobody sees the file any more. Null when there is none; false when a batch still reads it.</summary>
    internal async Task<bool?> DeleteAsync(string project, string? only, Guid id, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);

        // Who makes a batch of it holds this row.
        if (await transaction.FirstOrDefaultAsync<Guid?>(
            "select id from files where id = @id and project = @project and (@only::text is null or line = @only) and state = 'ready' for update", new { id, project, only }, cancellationToken) is null)
        {
            return null;
        }

        if (await transaction.FirstOrDefaultAsync<Guid?>(
            "select id from batches where input_file = @id and status in ('validating', 'in_progress', 'finalizing', 'cancelling') limit 1", new { id }, cancellationToken) is not null)
        {
            return false;
        }

        await transaction.ExecuteAsync("update files set state = 'deleted' where id = @id", new { id }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// An upload that came to nothing. False where the file is there all the same: its commit came through, and the answer to it did not. The first statement
    /// waits for a commit that is under way.
    /// </summary>
    internal async Task<bool> AbandonAsync(Guid id, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync("update files set state = 'deleted' where id = @id and state = 'writing'", new { id }, cancellationToken);
        return !await database.FirstOrDefaultAsync<bool>("select exists (select 1 from files where id = @id and state = 'ready')", new { id }, cancellationToken);
    }

    /// <summary>Files whose time is over, of which no batch reads one, and uploads that nobody goes on with, are deleted from now on.</summary>
    internal Task ExpireAsync(DateTimeOffset now, DateTimeOffset abandoned, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            update files set state = 'deleted'
            where id in (
              select id from files as file
              where (state = 'writing' and created_at < @abandoned)
                or (state = 'ready' and expires_at <= @now and not exists (
                  select 1 from batches where input_file = file.id and status in ('validating', 'in_progress', 'finalizing', 'cancelling')))
              for update skip locked)
            """,
            new { now, abandoned },
            cancellationToken);

    /// <summary>Those whose object is still to be removed.</summary>
    internal Task<IReadOnlyList<Guid>> DeletedAsync(int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Guid>("select id from files where state = 'deleted' order by created_at limit @limit", new { limit }, cancellationToken);

    internal Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        database.ExecuteAsync("delete from files where id = @id and state = 'deleted'", new { id }, cancellationToken);
}
