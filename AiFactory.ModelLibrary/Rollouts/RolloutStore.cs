using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Rollouts;

internal sealed class RolloutStore(Database database)
{
    private const string Select =
        """
        select id, project, deployment, candidate, baseline, candidate_version_id, baseline_version_id, plan::text as plan, state, step, step_since, unready_since, settles_at, message,
               observed::text as observed, observed_at, created_by, created_at, updated_at, ended_at
        from rollouts
        """;

    /// <summary>Newest first.</summary>
    internal Task<IReadOnlyList<RolloutRow>> ListAsync(string project, string deployment, Guid? before, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<RolloutRow>(
            $"{Select} where project = @project and deployment = @deployment and (@before::uuid is null or id < @before) order by id desc limit @limit",
            new { project, deployment, before, limit },
            cancellationToken);

    internal Task<RolloutRow?> FindAsync(string project, string deployment, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<RolloutRow>($"{Select} where id = @id and project = @project and deployment = @deployment", new { id, project, deployment }, cancellationToken);

    /// <summary>Those that gateways tell of.</summary>
    internal Task<IReadOnlyList<RolloutRow>> ListRunningAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<RolloutRow>($"{Select} where state = 'running' and ended_at is null order by id", null, cancellationToken);

    /// <summary>One that has not ended and in which this deployment has a part.</summary>
    internal Task<RolloutRow?> FindUnderWayAsync(DatabaseTransaction transaction, string project, string deployment, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<RolloutRow>(
            $"{Select} where project = @project and ended_at is null and @deployment in (deployment, candidate, baseline) order by deployment <> @deployment, id limit 1",
            new { project, deployment },
            cancellationToken);

    /// <summary>Whether the name's shares were ever in a rollout's hands, since the deployment was made.</summary>
    internal Task<bool> HasAnyAsync(DatabaseTransaction transaction, string project, string deployment, DateTimeOffset since, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<bool>(
            "select exists (select 1 from rollouts where project = @project and deployment = @deployment and created_at >= @since)", new { project, deployment, since }, cancellationToken);

    internal Task<RolloutRow?> LockAsync(DatabaseTransaction transaction, string project, string deployment, Guid id, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<RolloutRow>(
            $"{Select} where id = @id and project = @project and deployment = @deployment for update", new { id, project, deployment }, cancellationToken);

    /// <summary>Of several libraries one has the row at a time; null for the others, and where the rollout runs no more.</summary>
    internal Task<RolloutRow?> TryLockRunningAsync(DatabaseTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<RolloutRow>($"{Select} where id = @id and state = 'running' for update skip locked", new { id }, cancellationToken);

    /// <summary>False when there is one under way already.</summary>
    internal async Task<bool> InsertAsync(DatabaseTransaction transaction, RolloutRow rollout, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into rollouts (id, project, deployment, candidate, baseline, candidate_version_id, baseline_version_id, plan, state, step, step_since, message, created_by, created_at, updated_at)
            values (@Id, @Project, @Deployment, @Candidate, @Baseline, @CandidateVersionId, @BaselineVersionId, @Plan::jsonb, @State, @Step, @StepSince, @Message, @CreatedBy, @CreatedAt, @UpdatedAt)
            on conflict do nothing
            """,
            rollout,
            cancellationToken) == 1;

    internal Task UpdateAsync(DatabaseTransaction transaction, RolloutRow rollout, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update rollouts set state = @State, step = @Step, step_since = @StepSince, unready_since = @UnreadySince, settles_at = @SettlesAt, message = @Message, observed = @Observed::jsonb, observed_at = @ObservedAt,
                   updated_at = @UpdatedAt, ended_at = @EndedAt, candidate_version_id = @CandidateVersionId, baseline_version_id = @BaselineVersionId
            where id = @Id
            """,
            rollout,
            cancellationToken);

    /// <summary>False when the step that it is of is not the one that runs, or was begun anew.</summary>
    internal async Task<bool> ObserveAsync(Guid id, int step, DateTimeOffset since, string observed, DateTimeOffset at, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "update rollouts set observed = @observed::jsonb, observed_at = @at where id = @id and state = 'running' and step = @step and step_since = @since",
            new { id, step, since, observed, at },
            cancellationToken) == 1;
}
