using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Limits;

/// <summary>A project that is null stands for the whole factory.</summary>
internal sealed class LimitStore(Database database)
{
    private const string Columns = "id, project, name, scope, owner, model, measure, period, amount, created_by, updated_by, created_at, updated_at";

    /// <summary>By name.</summary>
    internal Task<IReadOnlyList<LimitRow>> ListAsync(string? project, string after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<LimitRow>(
            $"select {Columns} from limits where project is not distinct from @project and name > @after order by name limit @limit", new { project, after, limit }, cancellationToken);

    /// <summary>Every project's, oldest first, as gateways hold requests against them: a key's is that of its line of rotations, under the first key's id.</summary>
    internal Task<IReadOnlyList<LimitRow>> ListAllAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<LimitRow>(
            """
            select l.id, l.project, l.name, l.scope, coalesce(k.family::text, l.owner) as owner, l.model, l.measure, l.period, l.amount, l.created_by, l.updated_by, l.created_at, l.updated_at
            from limits l
            left join api_keys k on l.scope = 'key' and k.id::text = l.owner
            order by l.id
            """,
            null,
            cancellationToken);

    internal Task<LimitRow?> FindAsync(string? project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<LimitRow>($"select {Columns} from limits where project is not distinct from @project and name = @name", new { project, name }, cancellationToken);

    internal Task<LimitRow?> LockAsync(DatabaseTransaction transaction, string? project, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<LimitRow>(
            $"select {Columns} from limits where project is not distinct from @project and name = @name for update", new { project, name }, cancellationToken);

    /// <summary>How many there are. Whoever makes another waits until this transaction has ended.</summary>
    internal async Task<long> CountAsync(DatabaseTransaction transaction, string? project, CancellationToken cancellationToken)
    {
        await transaction.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('limits ' || coalesce(@project, ''), 0))", new { project }, cancellationToken);
        return await transaction.FirstOrDefaultAsync<long>("select count(*) from limits where project is not distinct from @project", new { project }, cancellationToken);
    }

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(DatabaseTransaction transaction, LimitRow limit, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into limits (id, project, name, scope, owner, model, measure, period, amount, created_by, updated_by, created_at, updated_at)
            values (@Id, @Project, @Name, @Scope, @Owner, @Model, @Measure, @Period, @Amount, @CreatedBy, @UpdatedBy, @CreatedAt, @UpdatedAt)
            on conflict do nothing
            """,
            limit,
            cancellationToken) == 1;

    internal Task UpdateAsync(DatabaseTransaction transaction, LimitRow limit, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("update limits set amount = @Amount, updated_by = @UpdatedBy, updated_at = @UpdatedAt where id = @Id", limit, cancellationToken);

    internal Task DeleteAsync(DatabaseTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("delete from limits where id = @id", new { id }, cancellationToken);
}
