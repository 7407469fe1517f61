using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Keys;

internal sealed class KeyStore(Database database)
{
    private const string Columns =
        """
        id, project, name, prefix, hash, roles, factory_wide, seeded, created_by, created_at, expires_at, revoked_at, revoked_by, scope::text as scope, family, replaces,
        (select next.id from api_keys next where next.replaces = api_keys.id) as replaced_by
        """;

    /// <summary>Newest first.</summary>
    internal Task<IReadOnlyList<KeyRow>> ListAsync(string project, Guid? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<KeyRow>(
            $"""
            select {Columns} from api_keys
            where project = @project and (@after::uuid is null or id < @after)
            order by id desc
            limit @limit
            """,
            new { project, after, limit },
            cancellationToken);

    /// <summary>The keys that open the door at this moment.</summary>
    internal Task<IReadOnlyList<KeyRow>> ListValidAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.QueryAsync<KeyRow>(
            $"""
            select {Columns} from api_keys
            where revoked_at is null and (expires_at is null or expires_at > @now)
            order by id
            """,
            new { now },
            cancellationToken);

    /// <summary>The seeded keys that hold, and the one with this hash even when it was revoked. Locked until the transaction ends.</summary>
    internal Task<IReadOnlyList<KeyRow>> ListSeededAsync(DatabaseTransaction transaction, string hash, CancellationToken cancellationToken) =>
        transaction.QueryAsync<KeyRow>(
            $"select {Columns} from api_keys where seeded and (revoked_at is null or hash = @hash) for update", new { hash }, cancellationToken);

    internal Task<KeyRow?> FindAsync(DatabaseTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<KeyRow>($"select {Columns} from api_keys where id = @id", new { id }, cancellationToken);

    /// <summary>The key, locked until the transaction ends.</summary>
    internal Task<KeyRow?> LockAsync(DatabaseTransaction transaction, string project, Guid id, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<KeyRow>(
            $"select {Columns} from api_keys where project = @project and id = @id for update", new { project, id }, cancellationToken);

    /// <summary>False when the very same key is stored already, or another came in the place of the one that it replaces.</summary>
    internal async Task<bool> InsertAsync(DatabaseTransaction transaction, KeyRow key, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into api_keys (id, project, name, prefix, hash, roles, factory_wide, seeded, created_by, created_at, expires_at, scope, family, replaces)
            values (@Id, @Project, @Name, @Prefix, @Hash, @Roles, @FactoryWide, @Seeded, @CreatedBy, @CreatedAt, @ExpiresAt, @Scope::jsonb, @Family, @Replaces)
            on conflict do nothing
            """,
            key,
            cancellationToken) == 1;

    internal Task RevokeAsync(DatabaseTransaction transaction, Guid id, string by, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update api_keys set revoked_at = @at, revoked_by = @by where id = @id and revoked_at is null", new { id, by, at }, cancellationToken);

    internal Task ExpireAsync(DatabaseTransaction transaction, Guid id, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("update api_keys set expires_at = @at where id = @id", new { id, at }, cancellationToken);

    /// <summary>Takes a revocation by <paramref name="revoker"/> back, and by nobody else.</summary>
    internal Task<int> RestoreSeededAsync(DatabaseTransaction transaction, Guid id, string revoker, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update api_keys set revoked_at = null, revoked_by = null where id = @id and seeded and revoked_by = @revoker", new { id, revoker }, cancellationToken);
}
