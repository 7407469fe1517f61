using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Files.Uploads;

internal sealed class UploadStore(Database database)
{
    private const string Columns = "id, project, subject, line, filename, bytes, state, file_id, file_expires_seconds, created_at, expires_at";

    /// <summary>From here on its bytes are among the project's. False when that has no room for them.</summary>
    internal async Task<bool> InsertAsync(UploadRow upload, long limit, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        await FileStore.LockProjectAsync(transaction, upload.Project, cancellationToken);
        if (await transaction.FirstOrDefaultAsync<long>(FileStore.Sum, new { upload.Project, Now = upload.CreatedAt }, cancellationToken) + upload.Bytes > limit)
        {
            return false;
        }

        await transaction.ExecuteAsync(
            """
            insert into uploads (id, project, subject, line, filename, bytes, state, file_expires_seconds, created_at, expires_at)
            values (@Id, @Project, @Subject, @Line, @Filename, @Bytes, @State, @FileExpiresSeconds, @CreatedAt, @ExpiresAt)
            """,
            upload,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <param name="only">Whose alone; null for all of the project.</param>
    internal Task<UploadRow?> FindAsync(string project, string? only, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<UploadRow>(
            $"select {Columns} from uploads where id = @id and project = @project and (@only::text is null or line = @only)", new { id, project, only }, cancellationToken);

    /// <summary>False when it was not pending any more.</summary>
    internal async Task<bool> CancelAsync(Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("update uploads set state = 'cancelled' where id = @id and state = 'pending' and expires_at > @now", new { id, now }, cancellationToken) == 1;

    /// <summary>
    /// From now on no other gateway puts its parts together, until that is over or so long has passed: a gateway that dies holds nobody up for longer, and one that takes longer
    /// merely does not do it alone. By the database's clock.
    /// </summary>
    /// <returns>Until when; null when somebody is at it, or it is not pending any more.</returns>
    internal Task<DateTime?> TryJoinAsync(Guid id, TimeSpan longest, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<DateTime?>(
            """
            update uploads set joining_until = now() + @longest
            where id = @id and state = 'pending' and (joining_until is null or joining_until <= now())
            returning joining_until
            """,
            new { id, longest },
            cancellationToken);

    internal Task EndJoinAsync(Guid id, DateTime until, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update uploads set joining_until = null where id = @id and joining_until = @until", new { id, until }, cancellationToken);

    /// <summary>Before the part's first byte is stored. False when the upload has as many as it may.</summary>
    internal async Task<bool> BeginPartAsync(Guid upload, Guid part, int most, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            insert into upload_parts (id, upload_id, created_at)
            select @part, @upload, @now where (select count(*) from upload_parts where upload_id = @upload) < @most
            """,
            new { upload, part, most, now },
            cancellationToken) == 1;

    /// <summary>
    /// The part is whole. Parts may have twice the upload's bytes together: one whose answer was lost is sent again, and nobody knows the first one's id. What is
    /// over the promised room needs room of its own.
    /// </summary>
    internal async Task<PartCommit> CommitPartAsync(UploadRow upload, Guid part, long bytes, long limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);

        // Parts that come together are added up one after the other. The project's lock is first, as everywhere.
        await FileStore.LockProjectAsync(transaction, upload.Project, cancellationToken);
        if (await transaction.FirstOrDefaultAsync<Guid?>(
            "select id from uploads where id = @Id and state = 'pending' and expires_at > @now for update", new { upload.Id, now }, cancellationToken) is null)
        {
            return PartCommit.TooLate;
        }

        await transaction.ExecuteAsync("update upload_parts set bytes = @bytes where id = @part", new { part, bytes }, cancellationToken);
        var has = await transaction.FirstOrDefaultAsync<long>("select coalesce(sum(bytes), 0)::bigint from upload_parts where upload_id = @Id", new { upload.Id }, cancellationToken);
        if (has > upload.Bytes * 2)
        {
            return PartCommit.TooMuch;
        }

        if (has > upload.Bytes && await transaction.FirstOrDefaultAsync<long>(FileStore.Sum, new { upload.Project, Now = now }, cancellationToken) > limit)
        {
            return PartCommit.NoRoom;
        }

        await transaction.CommitAsync(cancellationToken);
        return PartCommit.Kept;
    }

    internal Task<IReadOnlyList<UploadPartRow>> PartsAsync(Guid upload, CancellationToken cancellationToken) =>
        database.QueryAsync<UploadPartRow>("select upload_id, id, bytes from upload_parts where upload_id = @upload and bytes is not null", new { upload }, cancellationToken);

    internal Task RemovePartAsync(Guid part, CancellationToken cancellationToken) => database.ExecuteAsync("delete from upload_parts where id = @part", new { part }, cancellationToken);

    /// <summary>Nobody adds to uploads whose time is over.</summary>
    internal Task ExpireAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update uploads set state = 'expired' where state = 'pending' and expires_at <= @now", new { now }, cancellationToken);

    /// <summary>Those of uploads that have ended.</summary>
    internal Task<IReadOnlyList<UploadPartRow>> UselessPartsAsync(int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<UploadPartRow>(
            "select p.upload_id, p.id, p.bytes from upload_parts as p join uploads as u on u.id = p.upload_id where u.state <> 'pending' limit @limit", new { limit }, cancellationToken);

    /// <summary>Ended uploads that nobody asks for any more.</summary>
    internal Task DeleteEndedAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "delete from uploads as u where state <> 'pending' and expires_at < @before and not exists (select 1 from upload_parts where upload_id = u.id)", new { before }, cancellationToken);
}
