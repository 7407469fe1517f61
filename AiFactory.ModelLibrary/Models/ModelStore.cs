using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Models;

internal sealed class ModelStore(Database database)
{
    /// <summary>By name.</summary>
    internal Task<IReadOnlyList<ModelRow>> ListAsync(string project, string after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ModelRow>(
            """
            select id, project, name, created_at from models
            where project = @project and name > @after
            order by name
            limit @limit
            """,
            new { project, after, limit },
            cancellationToken);

    internal Task<ModelRow?> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<ModelRow>(
            "select id, project, name, created_at from models where project = @project and name = @name", new { project, name }, cancellationToken);

    /// <summary>The model, made when it is new, locked until the transaction ends: version numbers are given one at a time.</summary>
    internal async Task<ModelRow> LockOrInsertAsync(DatabaseTransaction transaction, ModelRow model, CancellationToken cancellationToken)
    {
        await transaction.ExecuteAsync(
            "insert into models (id, project, name, created_at) values (@Id, @Project, @Name, @CreatedAt) on conflict do nothing", model, cancellationToken);
        return await transaction.FirstOrDefaultAsync<ModelRow>(
            "select id, project, name, created_at from models where project = @Project and name = @Name for update", model, cancellationToken)
            ?? throw new InvalidOperationException($"Model {model.Name} was neither inserted nor found.");
    }
}
