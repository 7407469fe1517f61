using AiFactory.Contracts.Workers;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Workers;

internal sealed class WorkerStore(Database database)
{
    /// <summary>By address; workers that were lost long ago are gone.</summary>
    internal Task<IReadOnlyList<WorkerRow>> ListAsync(string after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<WorkerRow>(
            """
            select w.base_url, w.instance_id, w.state, w.hardware, w.threads, w.memory_bytes, w.last_seen_at,
                   (select count(*) from assignments as a where a.base_url = w.base_url) as deployments
            from workers as w
            where w.base_url > @after
            order by w.base_url
            limit @limit
            """,
            new { after, limit },
            cancellationToken);

    internal Task<IReadOnlyList<WorkerRow>> ListAsync(DatabaseTransaction transaction, CancellationToken cancellationToken) =>
        transaction.QueryAsync<WorkerRow>(
            "select base_url, instance_id, state, hardware, threads, memory_bytes, last_seen_at from workers order by base_url", null, cancellationToken);

    /// <summary>Answers whether the worker is new, another process, or in another state than before.</summary>
    internal Task<bool> SaveAsync(DatabaseTransaction transaction, WorkerRow worker, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<bool>(
            """
            with before as (select instance_id, state from workers where base_url = @BaseUrl)
            insert into workers (base_url, instance_id, state, hardware, threads, memory_bytes, zone, last_seen_at)
            values (@BaseUrl, @InstanceId, @State, @Hardware, @Threads, @MemoryBytes, @Zone, @LastSeenAt)
            on conflict (base_url) do update set
              instance_id = excluded.instance_id, state = excluded.state, hardware = excluded.hardware, threads = excluded.threads,
              memory_bytes = excluded.memory_bytes, zone = excluded.zone, last_seen_at = excluded.last_seen_at
            returning not exists (select 1 from before where instance_id = @InstanceId and state = @State)
            """,
            worker,
            cancellationToken);

    /// <summary>Replaces what the worker said of its models; answers the number of rows that changed.</summary>
    internal async Task<int> SaveModelsAsync(DatabaseTransaction transaction, string baseUrl, IReadOnlyList<WorkerModelStatus> models, CancellationToken cancellationToken)
    {
        var changed = await transaction.ExecuteAsync(
            "delete from worker_models where base_url = @baseUrl and deployment_id <> all(@ids)",
            new { baseUrl, ids = models.Select(model => model.DeploymentId).ToArray() },
            cancellationToken);
        foreach (var model in models)
        {
            changed += await transaction.ExecuteAsync(
                """
                insert into worker_models as was (base_url, deployment_id, digest, state, message, progress, memory_bytes, context_length)
                values (@baseUrl, @DeploymentId, @Digest, @State, @Message, @Progress, @MemoryBytes, @ContextLength)
                on conflict (base_url, deployment_id) do update set
                  digest = excluded.digest, state = excluded.state, message = excluded.message, progress = excluded.progress,
                  memory_bytes = excluded.memory_bytes, context_length = excluded.context_length
                where (was.digest, was.state, was.message, was.progress, was.memory_bytes, was.context_length)
                  is distinct from (excluded.digest, excluded.state, excluded.message, excluded.progress, excluded.memory_bytes, excluded.context_length)
                """,
                new { baseUrl, model.DeploymentId, model.Digest, model.State, model.Message, model.Progress, model.MemoryBytes, model.ContextLength },
                cancellationToken);
        }

        return changed;
    }

    internal Task<int> MarkLostAsync(DatabaseTransaction transaction, string baseUrl, DateTimeOffset lastSeenAt, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update workers set state = 'lost' where base_url = @baseUrl and state <> 'lost' and last_seen_at = @lastSeenAt",
            new { baseUrl, lastSeenAt },
            cancellationToken);

    internal Task<int> ForgetAsync(DatabaseTransaction transaction, DateTimeOffset before, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("delete from workers where state = 'lost' and last_seen_at < @before", new { before }, cancellationToken);

    internal Task<IReadOnlyList<StateCount>> CountByStateAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<StateCount>("select state, count(*) as count from workers group by state", null, cancellationToken);
}
