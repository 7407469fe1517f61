using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Agents;

internal sealed class AgentStore(Database database)
{
    private const string Columns =
        "project, name, description, model, instructions, rulesets, tools, knowledge_bases, max_steps, max_seconds, created_by, created_at, updated_at";

    /// <summary>By name.</summary>
    internal Task<IReadOnlyList<AgentRow>> ListAsync(string project, string? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<AgentRow>(
            $"select {Columns} from agents where project = @project and (@after::text is null or name > @after) order by name limit @limit",
            new { project, after, limit },
            cancellationToken);

    internal Task<AgentRow?> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<AgentRow>($"select {Columns} from agents where project = @project and name = @name", new { project, name }, cancellationToken);

    /// <summary>The names of the agents that hold on to a tool.</summary>
    internal Task<IReadOnlyList<string>> ListUsersOfToolAsync(string project, string tool, CancellationToken cancellationToken) =>
        database.QueryAsync<string>("select name from agents where project = @project and @tool = any(tools) order by name", new { project, tool }, cancellationToken);

    /// <summary>The names of the agents that hold on to a ruleset, in whichever version.</summary>
    internal Task<IReadOnlyList<string>> ListUsersOfRulesetAsync(string project, string ruleset, CancellationToken cancellationToken) =>
        database.QueryAsync<string>(
            "select name from agents where project = @project and exists (select from unnest(rulesets) as held where split_part(held, '@', 1) = @ruleset) order by name",
            new { project, ruleset },
            cancellationToken);

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(AgentRow row, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            insert into agents
              (project, name, description, model, instructions, rulesets, tools, knowledge_bases, max_steps, max_seconds, created_by, created_at, updated_at)
            values
              (@Project, @Name, @Description, @Model, @Instructions, @Rulesets, @Tools, @KnowledgeBases, @MaxSteps, @MaxSeconds, @CreatedBy, @CreatedAt, @UpdatedAt)
            on conflict do nothing
            """,
            row,
            cancellationToken) == 1;

    /// <summary>Null when there is none of that name.</summary>
    internal Task<AgentRow?> UpdateAsync(AgentRow row, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<AgentRow>(
            $"""
            update agents
            set description = @Description, model = @Model, instructions = @Instructions, rulesets = @Rulesets, tools = @Tools,
                knowledge_bases = @KnowledgeBases, max_steps = @MaxSteps, max_seconds = @MaxSeconds, updated_at = @UpdatedAt
            where project = @Project and name = @Name
            returning {Columns}
            """,
            row,
            cancellationToken);

    internal async Task<bool> DeleteAsync(string project, string name, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("delete from agents where project = @project and name = @name", new { project, name }, cancellationToken) == 1;
}
