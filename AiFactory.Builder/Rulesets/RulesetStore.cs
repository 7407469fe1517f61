using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Rulesets;

internal sealed class RulesetStore(Database database)
{
    private const string Columns = "r.project, r.name, v.version, v.rules, v.checks::text as checks, v.on_violation, r.created_by, r.created_at, r.updated_at";
    private const string Current = "rulesets as r join ruleset_versions as v on v.project = r.project and v.name = r.name and v.version = r.version";

    /// <summary>The newest versions, by name.</summary>
    internal Task<IReadOnlyList<RulesetRow>> ListAsync(string project, string? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<RulesetRow>(
            $"select {Columns} from {Current} where r.project = @project and (@after::text is null or r.name > @after) order by r.name limit @limit",
            new { project, after, limit },
            cancellationToken);

    /// <summary>Those of these that are there, each in the version that is asked for; in the order in which they are named.</summary>
    internal Task<IReadOnlyList<RulesetRow>> ListAsync(string project, IReadOnlyList<RulesetReference> references, CancellationToken cancellationToken) =>
        database.QueryAsync<RulesetRow>(
            $"""
            select {Columns}
            from unnest(@names, @versions) with ordinality as asked(name, version, place)
            join rulesets as r on r.project = @project and r.name = asked.name
            join ruleset_versions as v on v.project = r.project and v.name = r.name and v.version = case asked.version when 0 then r.version else asked.version end
            order by asked.place
            """,
            new { project, names = references.Select(reference => reference.Name).ToArray(), versions = references.Select(reference => reference.Version).ToArray() },
            cancellationToken);

    internal Task<RulesetRow?> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<RulesetRow>($"select {Columns} from {Current} where r.project = @project and r.name = @name", new { project, name }, cancellationToken);

    /// <summary>Newest first; those of a ruleset that was deleted too.</summary>
    internal Task<IReadOnlyList<RulesetRow>> ListVersionsAsync(string project, string name, int? before, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<RulesetRow>(
            """
            select project, name, version, rules, checks::text as checks, on_violation, created_by, created_at, created_at as updated_at
            from ruleset_versions
            where project = @project and name = @name and (@before::integer is null or version < @before)
            order by version desc
            limit @limit
            """,
            new { project, name, before, limit },
            cancellationToken);

    /// <summary>The row with its version: 1, or what comes behind the last ruleset of that name. Null when the name is taken.</summary>
    internal Task<RulesetRow?> InsertAsync(RulesetRow row, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<RulesetRow>(
            $"""
            with r as (
              insert into rulesets (project, name, version, created_by, created_at, updated_at)
              select @Project, @Name, coalesce(max(version), 0) + 1, @CreatedBy, @CreatedAt, @CreatedAt from ruleset_versions where project = @Project and name = @Name
              on conflict do nothing
              returning *)
            {Append}
            """,
            row,
            cancellationToken);

    /// <summary>Another version, the newest from now on. Null when there is none of that name.</summary>
    internal Task<RulesetRow?> UpdateAsync(RulesetRow row, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<RulesetRow>(
            $"""
            with r as (
              update rulesets set version = version + 1, updated_at = @CreatedAt where project = @Project and name = @Name
              returning *)
            {Append}
            """,
            row,
            cancellationToken);

    /// <summary>Its versions stay: runs have named them.</summary>
    internal async Task<bool> DeleteAsync(string project, string name, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("delete from rulesets where project = @project and name = @name", new { project, name }, cancellationToken) == 1;

    private const string Append =
        $"""
        , v as (
          insert into ruleset_versions (project, name, version, rules, checks, on_violation, created_by, created_at)
          select project, name, version, @Rules, @Checks::jsonb, @OnViolation, @CreatedBy, @CreatedAt from r
          returning *)
        select {Columns} from r join v on v.version = r.version
        """;
}
