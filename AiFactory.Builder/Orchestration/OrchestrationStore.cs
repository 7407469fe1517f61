using AiFactory.Builder.Children;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Orchestration;

internal sealed class OrchestrationStore(Database database)
{
    /// <summary>Runs in which something has happened, locked until the transaction ends. One that an executor is just writing to comes with the next look.</summary>
    internal Task<IReadOnlyList<DueRun>> LockDueAsync(DatabaseTransaction transaction, int limit, CancellationToken cancellationToken) =>
        transaction.QueryAsync<DueRun>(
            "select id, flow_id, revision, state, last_sequence, cancel_requested, parent_run_id, parent_node, held from runs where dirty and state in ('queued', 'running') order by id limit @limit for update skip locked",
            new { limit },
            cancellationToken);

    internal Task<IReadOnlyList<StepState>> ListStepsAsync(DatabaseTransaction transaction, Guid[] runs, CancellationToken cancellationToken) =>
        transaction.QueryAsync<StepState>(
            """
            select run_id, node, state, error, case when output is null then null else array(select jsonb_object_keys(output)) end as ports
            from step_claims
            where run_id = any(@runs)
            """,
            new { runs },
            cancellationToken);

    /// <summary>
    /// The outputs of these nodes, as far as they succeeded; without their JSON when they have more bytes than <paramref name="most"/> together. Not in the
    /// leader's transaction: they never change, and one that the database cannot print harms nothing else.
    /// </summary>
    internal Task<IReadOnlyList<NodeOutput>> ReadOutputsAsync(Guid run, string[] nodes, long most, CancellationToken cancellationToken) =>
        database.QueryAsync<NodeOutput>(
            """
            with given as materialized (
              select node, output::text as output from step_claims where run_id = @run and node = any(@nodes) and state = 'succeeded' and output is not null
            )
            select node, case when sum(octet_length(output)) over () <= @most then output end as output, sum(octet_length(output)) over () as bytes
            from given
            """,
            new { run, nodes, most },
            cancellationToken);

    /// <summary>The transaction can go back to here.</summary>
    internal Task SaveAsync(DatabaseTransaction transaction, CancellationToken cancellationToken) => transaction.ExecuteAsync("savepoint changes", null, cancellationToken);

    internal Task GoBackAsync(DatabaseTransaction transaction, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("rollback to savepoint changes", null, cancellationToken);

    /// <summary>Writes all changes of a batch, each kind in one statement.</summary>
    internal async Task WriteAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await WriteRunsAsync(transaction, changes, now, cancellationToken);
        var events = changes.SelectMany(change => change.Events.Select(happened => (change.Run.Id, Event: happened))).ToList();
        if (events.Count > 0)
        {
            await transaction.ExecuteAsync(
                """
                insert into run_events (run_id, sequence, type, node, at, data)
                select e.run_id, e.sequence, e.type, e.node, @now, e.data::jsonb
                from unnest(@runs, @sequences, @types, @nodes, @data) as e (run_id, sequence, type, node, data)
                """,
                new
                {
                    now,
                    runs = events.Select(row => row.Id).ToArray(),
                    sequences = events.Select(row => row.Event.Sequence).ToArray(),
                    types = events.Select(row => row.Event.Type).ToArray(),
                    nodes = events.Select(row => row.Event.Node).ToArray(),
                    data = events.Select(row => row.Event.Data).ToArray(),
                },
                cancellationToken);
        }

        await HandOutAsync(transaction, changes, now, cancellationToken);
        await ChildEnds.CountAsync(transaction, changes, now, cancellationToken);
        await NotifyAsync(transaction, changes, cancellationToken);
    }

    /// <remarks>A run whose end another change of the batch has asked for is looked at once more.</remarks>
    private static async Task WriteRunsAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await transaction.ExecuteAsync(
            """
            update runs as r
            set dirty = r.cancel_requested and c.state = 'running', state = c.state, output = c.output::jsonb, error = c.error, last_sequence = c.last_sequence, started_at = coalesce(r.started_at, @now),
                finished_at = case when c.state in ('succeeded', 'failed', 'cancelled') then @now end
            from unnest(@ids, @states, @outputs, @errors, @sequences) as c (id, state, output, error, last_sequence)
            where r.id = c.id
            """,
            new
            {
                now,
                ids = changes.Select(change => change.Run.Id).ToArray(),
                states = changes.Select(change => change.Decision.End ?? RunStates.Running).ToArray(),
                outputs = changes.Select(change => change.Output).ToArray(),
                errors = changes.Select(change => change.Decision.Error).ToArray(),
                sequences = changes.Select(change => change.Events is [.., var last] ? last.Sequence : change.Run.LastSequence).ToArray(),
            },
            cancellationToken);

        // What still runs of a run that has ended: its answers are refused, for its claim is closed.
        var ended = changes.Where(change => change.Decision.End is RunStates.Failed or RunStates.Cancelled).ToList();
        if (ended.Count > 0)
        {
            await transaction.ExecuteAsync(
                """
                update step_claims as c
                set state = 'cancelled', token = c.token + 1, owner = null, lease_until = null, finished_at = @now, error = e.reason
                from unnest(@ids, @reasons) as e (id, reason)
                where c.run_id = e.id and c.state in ('ready', 'running', 'waiting')
                """,
                new
                {
                    now,
                    ids = ended.Select(change => change.Run.Id).ToArray(),
                    reasons = ended.Select(change => change.Decision.End == RunStates.Cancelled ? "The run was cancelled." : "The run failed in another step.").ToArray(),
                },
                cancellationToken);
            await ChildEnds.CancelAsync(transaction, ended, cancellationToken);
        }
    }

    private static async Task HandOutAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var steps = changes.SelectMany(change =>
            change.Decision.Ready.Select(node => (change.Run.Id, Node: node, Type: change.Types[node], State: StepStates.Ready))
                .Concat(change.Decision.Skipped.Select(node => (change.Run.Id, Node: node, Type: change.Types[node], State: StepStates.Skipped)))).ToList();
        if (steps.Count > 0)
        {
            await transaction.ExecuteAsync(
                """
                insert into step_claims (run_id, project, node, type, state, due_at, finished_at)
                select s.run_id, r.project, s.node, s.type, s.state, clock_timestamp(), case when s.state = 'skipped' then @now end
                from unnest(@runs, @nodes, @types, @states) as s (run_id, node, type, state)
                join runs as r on r.id = s.run_id
                """,
                new
                {
                    now,
                    runs = steps.Select(step => step.Id).ToArray(),
                    nodes = steps.Select(step => step.Node).ToArray(),
                    types = steps.Select(step => step.Type).ToArray(),
                    states = steps.Select(step => step.State).ToArray(),
                },
                cancellationToken);
        }
    }

    private static Task<int> NotifyAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> changes, CancellationToken cancellationToken)
    {
        var payloads = changes.Where(change => change.Events.Count > 0).Select(change => $"run:{change.Run.Id}")
            .Concat(changes.Where(change => change.Decision.End is RunStates.Failed or RunStates.Cancelled).Select(change => $"cancel:{change.Run.Id}"))
            .Concat(changes.Any(change => change.Decision.Ready.Count > 0) ? ["ready"] : [])
            .ToArray();
        return transaction.ExecuteAsync("select pg_notify('builder', payload) from unnest(@payloads) as p (payload)", new { payloads }, cancellationToken);
    }
}
