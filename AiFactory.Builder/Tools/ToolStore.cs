using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Tools;

internal sealed class ToolStore(Database database)
{
    private const string Columns =
        "project, name, description, parameters::text as parameters, kind, method, url, headers::text as headers, timeout_seconds, created_by, created_at, updated_at";

    /// <summary>By name.</summary>
    internal Task<IReadOnlyList<ToolRow>> ListAsync(string project, string? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ToolRow>(
            $"select {Columns} from tools where project = @project and (@after::text is null or name > @after) order by name limit @limit",
            new { project, after, limit },
            cancellationToken);

    /// <summary>Those of these names that are there.</summary>
    internal Task<IReadOnlyList<ToolRow>> ListAsync(string project, IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        database.QueryAsync<ToolRow>(
            $"select {Columns} from tools where project = @project and name = any(@names)", new { project, names = names.ToArray() }, cancellationToken);

    internal Task<ToolRow?> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<ToolRow>($"select {Columns} from tools where project = @project and name = @name", new { project, name }, cancellationToken);

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(ToolRow row, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            insert into tools (project, name, description, parameters, kind, method, url, headers, timeout_seconds, created_by, created_at, updated_at)
            values (@Project, @Name, @Description, @Parameters::jsonb, @Kind, @Method, @Url, @Headers::jsonb, @TimeoutSeconds, @CreatedBy, @CreatedAt, @UpdatedAt)
            on conflict do nothing
            """,
            row,
            cancellationToken) == 1;

    /// <summary>Null when there is none of that name.</summary>
    internal Task<ToolRow?> UpdateAsync(ToolRow row, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<ToolRow>(
            $"""
            update tools
            set description = @Description, parameters = @Parameters::jsonb, kind = @Kind, method = @Method, url = @Url, headers = @Headers::jsonb,
                timeout_seconds = @TimeoutSeconds, updated_at = @UpdatedAt
            where project = @Project and name = @Name
            returning {Columns}
            """,
            row,
            cancellationToken);

    internal async Task<bool> DeleteAsync(string project, string name, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("delete from tools where project = @project and name = @name", new { project, name }, cancellationToken) == 1;
}
