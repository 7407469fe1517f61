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
