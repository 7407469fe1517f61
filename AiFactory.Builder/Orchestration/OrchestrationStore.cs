using AiFactory.Builder.Children;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Orchestration;

internal sealed class OrchestrationStore(Database database)
{
    /// <summary>Runs in which something has happened, locked until the transaction ends. One that an executor is just writing to comes with the next look.</summary>
    internal Task<IReadOnlyList<DueRun>> LockDueAsync(DatabaseTransaction transaction, int limit, CancellationToken cancellationToken) =>
        transaction.QueryAsync<DueRun>(
            "select id, flow_id, revision, state, cancel_requested, parent_run_id, parent_node from runs where dirty and state in ('queued', 'running') order by id limit @limit for update skip locked",
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

    /// <summary>
    /// Writes all changes of a batch, each kind in one statement. What an earlier one of the same transaction has written of these runs stands: their events
    /// follow what is there, and a run that it has ended is left alone.
    /// </summary>
    internal async Task WriteAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var open = await WriteRunsAsync(transaction, changes, now, cancellationToken);
        changes = [.. changes.Where(change => open.Contains(change.Run.Id))];
        await EndAsync(transaction, [.. changes.Where(change => change.Decision.End is RunStates.Failed or RunStates.Cancelled)], now, cancellationToken);
        var events = changes.SelectMany(change => change.Events.Select((happened, index) => (change.Run.Id, Back: change.Events.Count - 1 - index, Event: happened))).ToList();
        if (events.Count > 0)
        {
            await transaction.ExecuteAsync(
                """
                insert into run_events (run_id, sequence, type, node, at, data)
                select e.run_id, r.last_sequence - e.back, e.type, e.node, @now, e.data::jsonb
                from unnest(@runs, @backs, @types, @nodes, @data) as e (run_id, back, type, node, data)
                join runs as r on r.id = e.run_id
                """,
                new
                {
                    now,
                    runs = events.Select(row => row.Id).ToArray(),
                    backs = events.Select(row => row.Back).ToArray(),
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

    /// <summary>Those that were open.</summary>
    /// <remarks>A run whose end another change of the batch has asked for is looked at once more.</remarks>
    private static async Task<HashSet<Guid>> WriteRunsAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var written = await transaction.QueryAsync<Guid>(
            """
            update runs as r
            set dirty = r.cancel_requested and c.state = 'running', state = c.state, output = c.output::jsonb, output_bytes = octet_length(c.output), error = c.error, last_sequence = r.last_sequence + c.events, started_at = coalesce(r.started_at, @now),
                finished_at = case when c.state in ('succeeded', 'failed', 'cancelled') then @now end
            from unnest(@ids, @states, @outputs, @errors, @events) as c (id, state, output, error, events)
            where r.id = c.id and r.state in ('queued', 'running')
            returning r.id
            """,
            new
            {
                now,
                ids = changes.Select(change => change.Run.Id).ToArray(),
                states = changes.Select(change => change.Decision.End ?? RunStates.Running).ToArray(),
                outputs = changes.Select(change => change.Output).ToArray(),
                errors = changes.Select(change => change.Decision.Error).ToArray(),
                events = changes.Select(change => change.Events.Count).ToArray(),
            },
            cancellationToken);
        return [.. written];
    }

    /// <summary>Of runs that did not come to their end: what still runs has its claim closed, so that its answers are refused, and what they began is cancelled.</summary>
    private static async Task EndAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> ended, DateTimeOffset now, CancellationToken cancellationToken)
    {
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
            await ChildEnds.CancelAsync(transaction, ended, now, cancellationToken);
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
