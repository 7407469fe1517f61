using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Sources;

internal sealed class SourceStore(Database database)
{
    private const string Columns = "id, project, name, kind, location, name_pattern, tag_filter, enabled, created_by, changed_by, created_at, next_sync_at";

    private const string ById = $"select {Columns} from sources where id = @id";

    /// <summary>Newest first.</summary>
    internal Task<IReadOnlyList<SourceRow>> ListAsync(string project, Guid? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<SourceRow>(
            $"""
            select {Columns} from sources
            where project = @project and deleted_at is null and (@after::uuid is null or id < @after)
            order by id desc
            limit @limit
            """,
            new { project, after, limit },
            cancellationToken);

    internal Task<SourceRow?> FindAsync(string project, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<SourceRow>(
            $"select {Columns} from sources where project = @project and id = @id and deleted_at is null", new { project, id }, cancellationToken);

    internal Task<SourceRow?> FindByNameAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<SourceRow>(
            $"select {Columns} from sources where project = @project and name = @name and deleted_at is null", new { project, name }, cancellationToken);

    internal Task<bool> WasDeletedAsync(string project, string name, string createdBy, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<bool>(
            "select exists (select 1 from sources where project = @project and name = @name and created_by = @createdBy and deleted_at is not null)",
            new { project, name, createdBy },
            cancellationToken);

    /// <summary>Any source, also one that was removed while its sync ran.</summary>
    internal Task<SourceRow?> FindByIdAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<SourceRow>(ById, new { id }, cancellationToken);

    internal Task<SourceRow?> FindByIdAsync(DatabaseTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<SourceRow>(ById, new { id }, cancellationToken);

    internal Task<SourceRow?> LockAsync(DatabaseTransaction transaction, string project, Guid id, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<SourceRow>(
            $"select {Columns} from sources where project = @project and id = @id and deleted_at is null for update", new { project, id }, cancellationToken);

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(DatabaseTransaction transaction, SourceRow source, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into sources (id, project, name, kind, location, name_pattern, tag_filter, enabled, created_by, changed_by, created_at, next_sync_at)
            values (@Id, @Project, @Name, @Kind, @Location, @NamePattern, @TagFilter, @Enabled, @CreatedBy, @ChangedBy, @CreatedAt, @NextSyncAt)
            on conflict do nothing
            """,
            source,
            cancellationToken) == 1;

    internal Task<bool> NameIsTakenAsync(DatabaseTransaction transaction, string project, string name, Guid but, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<bool>(
            "select exists (select 1 from sources where project = @project and name = @name and id <> @but and deleted_at is null)",
            new { project, name, but },
            cancellationToken);

    internal Task UpdateAsync(DatabaseTransaction transaction, SourceRow source, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update sources set name = @Name, location = @Location, name_pattern = @NamePattern, tag_filter = @TagFilter,
                   enabled = @Enabled, changed_by = @ChangedBy, next_sync_at = @NextSyncAt
            where id = @Id
            """,
            source,
            cancellationToken);

    internal Task DeleteAsync(DatabaseTransaction transaction, Guid id, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("update sources set deleted_at = @at where id = @id", new { id, at }, cancellationToken);
}
