using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Rulesets;

internal sealed class RulesetStore(Database database)
{
    private const string Columns = "project, name, rules, created_by, created_at, updated_at";

    /// <summary>By name.</summary>
    internal Task<IReadOnlyList<RulesetRow>> ListAsync(string project, string? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<RulesetRow>(
            $"select {Columns} from rulesets where project = @project and (@after::text is null or name > @after) order by name limit @limit",
            new { project, after, limit },
            cancellationToken);

    /// <summary>Those of these names that are there.</summary>
    internal Task<IReadOnlyList<RulesetRow>> ListAsync(string project, IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        database.QueryAsync<RulesetRow>(
            $"select {Columns} from rulesets where project = @project and name = any(@names)", new { project, names = names.ToArray() }, cancellationToken);

    internal Task<RulesetRow?> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<RulesetRow>($"select {Columns} from rulesets where project = @project and name = @name", new { project, name }, cancellationToken);

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(RulesetRow row, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            insert into rulesets (project, name, rules, created_by, created_at, updated_at)
            values (@Project, @Name, @Rules, @CreatedBy, @CreatedAt, @UpdatedAt)
            on conflict do nothing
            """,
            row,
            cancellationToken) == 1;

    /// <summary>Null when there is none of that name.</summary>
    internal Task<RulesetRow?> UpdateAsync(string project, string name, string[] rules, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<RulesetRow>(
            $"update rulesets set rules = @rules, updated_at = @now where project = @project and name = @name returning {Columns}",
            new { project, name, rules, now },
            cancellationToken);

    internal async Task<bool> DeleteAsync(string project, string name, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("delete from rulesets where project = @project and name = @name", new { project, name }, cancellationToken) == 1;
}
