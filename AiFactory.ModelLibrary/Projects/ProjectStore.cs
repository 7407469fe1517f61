using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Projects;

internal sealed class ProjectStore(Database database)
{
    private const string Columns = "name, display_name, approval_policy, created_by, created_at";

    private const string ByName = $"select {Columns} from projects where name = @name";

    internal Task<ProjectRow?> FindAsync(string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<ProjectRow>(ByName, new { name }, cancellationToken);

    internal Task<ProjectRow?> FindAsync(DatabaseTransaction transaction, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<ProjectRow>(ByName, new { name }, cancellationToken);

    /// <summary>By name. Some projects alone when <paramref name="only"/> says which.</summary>
    internal Task<IReadOnlyList<ProjectRow>> ListAsync(string[]? only, string after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ProjectRow>(
            $"""
            select {Columns} from projects
            where name > @after and (@only::text[] is null or name = any(@only))
            order by name
            limit @limit
            """,
            new { only, after, limit },
            cancellationToken);

    /// <summary>All, in one order.</summary>
    internal Task<IReadOnlyList<string>> ListNamesAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<string>("select name from projects order by name", null, cancellationToken);

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(DatabaseTransaction transaction, ProjectRow project, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into projects (name, display_name, approval_policy, created_by, created_at)
            values (@Name, @DisplayName, @ApprovalPolicy, @CreatedBy, @CreatedAt)
            on conflict do nothing
            """,
            project,
            cancellationToken) == 1;

    /// <summary>The project as it was, locked until the transaction ends.</summary>
    internal Task<ProjectRow?> LockAsync(DatabaseTransaction transaction, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<ProjectRow>($"select {Columns} from projects where name = @name for update", new { name }, cancellationToken);

    internal Task UpdateAsync(DatabaseTransaction transaction, ProjectRow project, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update projects set display_name = @DisplayName, approval_policy = @ApprovalPolicy where name = @Name", project, cancellationToken);
}
