using AiFactory.Contracts.Workers;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Deployments;

internal sealed class AssignmentStore(Database database)
{
    /// <summary>What one worker is to serve.</summary>
    internal async Task<IReadOnlyList<ModelAssignment>> ListOrdersAsync(string baseUrl, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync<DeploymentRow>(
            $"""
            {DeploymentStore.Select}
            join assignments as a on a.deployment_id = d.id
            where a.base_url = @baseUrl
            order by d.id
            """,
            new { baseUrl },
            cancellationToken);
        return
        [
            .. rows.Select(row => new ModelAssignment(
                row.Id, row.Project, row.Name, row.Model, row.ModelVersion, row.Task, row.ObjectKey, row.Digest, row.SizeBytes, row.ContextLength, row.Slots)
            {
                Parts = ModelParts.Read(row.Parts),
                Quantization = row.Quantization,
            }),
        ];
    }

    /// <summary>Whether any deployment is on its way to another state.</summary>
    internal Task<bool> AnyUnsettledAsync(CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<bool>(
            "select exists (select 1 from deployments where phase in ('pending', 'progressing', 'degraded'))", null, cancellationToken);

    internal Task<IReadOnlyList<AssignmentRow>> ListAsync(DatabaseTransaction transaction, CancellationToken cancellationToken) =>
        transaction.QueryAsync<AssignmentRow>("select deployment_id, base_url, assigned_at from assignments order by assigned_at, base_url", null, cancellationToken);

    /// <summary>
    /// Every assignment with what its worker says of it. A word about another digest than the desired one does not count, but for this: the worker that
    /// is ready with the former version serves it until the new one is loaded, unless that was revoked.
    /// </summary>
    internal Task<IReadOnlyList<ReplicaRow>> ListReplicasAsync(Guid? deployment, CancellationToken cancellationToken) =>
        database.QueryAsync<ReplicaRow>(Replicas, new { deployment }, cancellationToken);

    internal Task<IReadOnlyList<ReplicaRow>> ListReplicasAsync(DatabaseTransaction transaction, CancellationToken cancellationToken) =>
        transaction.QueryAsync<ReplicaRow>(Replicas, new { deployment = (Guid?)null }, cancellationToken);

    internal Task AddAsync(DatabaseTransaction transaction, AssignmentRow assignment, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into assignments (deployment_id, base_url, assigned_at)
            select @DeploymentId, @BaseUrl, @AssignedAt where exists (select 1 from deployments where id = @DeploymentId for key share)
            on conflict do nothing
            """,
            assignment,
            cancellationToken);

    internal Task RemoveAsync(DatabaseTransaction transaction, AssignmentRow assignment, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "delete from assignments where deployment_id = @DeploymentId and base_url = @BaseUrl", assignment, cancellationToken);

    /// <summary>One pass at a time places replicas, whichever library it runs in.</summary>
    internal Task LockAsync(DatabaseTransaction transaction, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("select pg_advisory_xact_lock(hashtext('aifactory.library.placement'))", null, cancellationToken);

    private const string Replicas =
        """
        select a.deployment_id, a.base_url, a.assigned_at, w.state as worker_state, w.zone, w.last_seen_at,
               case when s.digest = v.digest then s.state end as state, s.message, s.progress, s.memory_bytes, s.context_length,
               coalesce(s.digest <> v.digest, false) as serves_former
        from assignments as a
        join deployments as d on d.id = a.deployment_id
        join model_versions as v on v.id = d.version_id
        join workers as w on w.base_url = a.base_url
        left join worker_models as s on s.base_url = a.base_url and s.deployment_id = a.deployment_id
             and (s.digest = v.digest or s.state = 'ready' and not exists (
               select 1 from model_versions as r where r.project = d.project and r.digest = s.digest and r.state = 'revoked'))
        where @deployment::uuid is null or a.deployment_id = @deployment
        order by a.assigned_at, a.base_url
        """;
}
