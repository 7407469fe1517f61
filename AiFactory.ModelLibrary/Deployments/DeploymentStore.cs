using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Deployments;

internal sealed class DeploymentStore(Database database)
{
    /// <summary>Every column of <see cref="DeploymentRow"/>; a caller adds its conditions.</summary>
    internal const string Select =
        """
        select d.id, d.project, d.name, d.version_id, m.name as model, v.version as model_version, v.digest, v.object_key, v.size_bytes, v.parts::text as parts,
               coalesce(v.metadata ->> 'task', 'chat') as task, d.visibility, d.replicas, d.context_length, d.slots, d.quantization, d.traffic::text as traffic, d.cache::text as cache, d.routing::text as routing, d.phase, d.message, d.ready_replicas,
               case when v.state = 'revoked' then v.reason end as revoked,
               d.created_by, d.updated_by, d.created_at, d.updated_at
        from deployments as d
        join model_versions as v on v.id = d.version_id
        join models as m on m.id = v.model_id
        """;

    /// <summary>By name.</summary>
    internal Task<IReadOnlyList<DeploymentRow>> ListAsync(string project, string after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<DeploymentRow>(
            $"{Select} where d.project = @project and d.name > @after order by d.name limit @limit", new { project, after, limit }, cancellationToken);

    /// <summary>Every project's, oldest first.</summary>
    internal Task<IReadOnlyList<DeploymentRow>> ListAllAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<DeploymentRow>($"{Select} order by d.id", null, cancellationToken);

    internal Task<DeploymentRow?> FindAsync(string project, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<DeploymentRow>($"{Select} where d.project = @project and d.name = @name", new { project, name }, cancellationToken);

    internal Task<DeploymentRow?> FindAsync(DatabaseTransaction transaction, string project, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<DeploymentRow>($"{Select} where d.project = @project and d.name = @name", new { project, name }, cancellationToken);

    internal Task<DeploymentRow?> LockAsync(DatabaseTransaction transaction, string project, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<DeploymentRow>(
            $"{Select} where d.project = @project and d.name = @name for update of d", new { project, name }, cancellationToken);

    internal Task<bool> ExistsAsync(DatabaseTransaction transaction, string project, string name, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<bool>("select exists (select 1 from deployments where project = @project and name = @name)", new { project, name }, cancellationToken);

    /// <summary>Whether the project has such a deployment, and its model this task.</summary>
    internal async Task<bool> ServesAsync(DatabaseTransaction transaction, string project, string name, string task, CancellationToken cancellationToken) =>
        await transaction.FirstOrDefaultAsync<DeploymentRow>(
            $"{Select} where d.project = @project and d.name = @name", new { project, name }, cancellationToken) is { } row && row.Task == task;

    /// <summary>False when the name is taken.</summary>
    internal async Task<bool> InsertAsync(DatabaseTransaction transaction, DeploymentRow deployment, CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into deployments (id, project, name, version_id, visibility, replicas, context_length, slots, quantization, traffic, cache, routing, phase, message, ready_replicas,
                                     created_by, updated_by, created_at, updated_at)
            values (@Id, @Project, @Name, @VersionId, @Visibility, @Replicas, @ContextLength, @Slots, @Quantization, @Traffic::jsonb, @Cache::jsonb, @Routing::jsonb, @Phase, @Message, @ReadyReplicas,
                    @CreatedBy, @UpdatedBy, @CreatedAt, @UpdatedAt)
            on conflict do nothing
            """,
            deployment,
            cancellationToken) == 1;

    internal Task UpdateAsync(DatabaseTransaction transaction, DeploymentRow deployment, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update deployments set version_id = @VersionId, visibility = @Visibility, replicas = @Replicas, context_length = @ContextLength, slots = @Slots,
                   quantization = @Quantization, traffic = @Traffic::jsonb, cache = @Cache::jsonb, routing = @Routing::jsonb,
                   phase = @Phase, message = @Message, updated_by = @UpdatedBy, updated_at = @UpdatedAt
            where id = @Id
            """,
            deployment,
            cancellationToken);

    /// <summary>The traffic policy alone: what is observed of the deployment stays true.</summary>
    internal Task SetTrafficAsync(DatabaseTransaction transaction, Guid id, string? traffic, string actor, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update deployments set traffic = @traffic::jsonb, updated_by = @actor, updated_at = @now where id = @id", new { id, traffic, actor, now }, cancellationToken);

    internal Task DeleteAsync(DatabaseTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("delete from deployments where id = @id", new { id }, cancellationToken);

    /// <summary>Writes what was observed of the desired state as it was then; a deployment that was changed meanwhile is left for the next pass.</summary>
    internal Task<int> ObserveAsync(DeploymentRow deployment, DeploymentStatus status, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            update deployments set phase = @Phase, message = @Message, ready_replicas = @ReadyReplicas
            where id = @Id and updated_at = @UpdatedAt and (phase, message, ready_replicas) is distinct from (@Phase, @Message::text, @ReadyReplicas)
            """,
            new { deployment.Id, deployment.UpdatedAt, status.Phase, status.Message, status.ReadyReplicas },
            cancellationToken);
}
