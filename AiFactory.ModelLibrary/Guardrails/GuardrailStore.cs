using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Guardrails;

internal sealed class GuardrailStore(Database database)
{
    private const string Columns = "project, deployment, version, rules::text as rules, updated_by, updated_at";

    private const string ByLevel = $"select {Columns} from guardrails where project is not distinct from @project::text and deployment is not distinct from @deployment::text";

    internal Task<GuardrailRow?> FindAsync(string? project, string? deployment, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<GuardrailRow>(ByLevel, new { project, deployment }, cancellationToken);

    /// <summary>Those that have rules, in a fixed order.</summary>
    internal Task<IReadOnlyList<GuardrailRow>> ListAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<GuardrailRow>(
            $"select {Columns} from guardrails where rules <> '[]'::jsonb order by project nulls first, deployment nulls first", null, cancellationToken);

    /// <summary>The rules as they were, locked until the transaction ends.</summary>
    internal Task<GuardrailRow?> LockAsync(DatabaseTransaction transaction, string? project, string? deployment, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<GuardrailRow>($"{ByLevel} for update", new { project, deployment }, cancellationToken);

    /// <summary>The deployment, or the model of an upstream, that the callers of a project mean by a name: their own before those that the whole factory may use.</summary>
    /// <param name="project">Null for what all callers mean by it.</param>
    internal Task<JudgeRow?> FindJudgeAsync(DatabaseTransaction transaction, string? project, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<JudgeRow>(
            """
            select known.id, known.project, known.task, known.is_upstream
            from (
              select d.id, d.project, coalesce(v.metadata ->> 'task', 'chat') as task, d.visibility, d.created_at, false as is_upstream
              from deployments as d
              join model_versions as v on v.id = d.version_id
              where d.name = @name
              union all
              select m.id, m.project, m.task, m.visibility, m.created_at, true
              from upstream_models as m
              where m.name = @name
            ) as known
            where known.project = @project::text or known.visibility = 'factory'
            order by coalesce(known.project = @project::text, false) desc, known.created_at
            limit 1
            """,
            new { project, name },
            cancellationToken);

    /// <summary>False when another has saved since the version before this one.</summary>
    internal async Task<bool> SaveAsync(DatabaseTransaction transaction, GuardrailRow row, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into guardrails as was (project, deployment, version, rules, updated_by, updated_at)
            values (@Project, @Deployment, @Version, @Rules::jsonb, @UpdatedBy, @UpdatedAt)
            on conflict (coalesce(project, ''), coalesce(deployment, '')) do update
            set version = excluded.version, rules = excluded.rules, updated_by = excluded.updated_by, updated_at = excluded.updated_at
            where was.version = excluded.version - 1
            """,
            row,
            cancellationToken) == 1;
}
