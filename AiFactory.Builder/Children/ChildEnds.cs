using AiFactory.Builder.Orchestration;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Children;

/// <summary>
/// What the ends of runs mean to the runs that began them, and to those that they began: SQL in the leader's transaction, so that each end is counted once.
/// Nothing is asked of a run without either.
/// </summary>
internal static class ChildEnds
{
    /// <summary>
    /// Counts children that have ended at the steps that wait for them, with their tokens; lets as many of their siblings begin; and makes a step ready of which
    /// none is left, or one has failed and that is enough. The attempt that began them goes on then.
    /// </summary>
    internal static async Task CountAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ended = changes.Where(change => change.Decision.End is not null && change.Run.ParentRunId is not null).ToList();
        if (ended.Count == 0)
        {
            return;
        }

        await transaction.QueryAsync<string>(
            """
            with ended as materialized (
              select e.run_id, e.node, count(*)::integer as ended, count(*) filter (where e.state <> 'succeeded')::integer as failed, count(*) filter (where not e.held) as places,
                     coalesce(sum(t.prompt_tokens), 0)::bigint as prompt_tokens, coalesce(sum(t.completion_tokens), 0)::bigint as completion_tokens
              from unnest(@children, @runs, @nodes, @states, @held) as e (child, run_id, node, state, held)
              left join lateral (
                select sum(prompt_tokens) as prompt_tokens, sum(completion_tokens) as completion_tokens from step_claims where run_id = e.child
              ) as t on true
              group by e.run_id, e.node
            ),
            locked as materialized (select id, project, state from runs where id in (select run_id from ended) order by id for update),
            counted as (
              update step_claims as c
              set children_ended = c.children_ended + e.ended, children_failed = c.children_failed + e.failed,
                  prompt_tokens = c.prompt_tokens + e.prompt_tokens, completion_tokens = c.completion_tokens + e.completion_tokens,
                  state = case when w.goes_on then 'ready' else c.state end, attempt = c.attempt - w.goes_on::integer,
                  due_at = case when w.goes_on then clock_timestamp() else c.due_at end
              from ended as e
              join locked as l on l.id = e.run_id
              join lateral (
                select s.state = 'waiting' and (s.children_ended + e.ended >= s.children or (s.fails_fast and s.children_failed + e.failed > 0)) as goes_on
                from step_claims as s
                where s.run_id = e.run_id and s.node = e.node
              ) as w on true
              where c.run_id = e.run_id and c.node = e.node
              returning c.run_id, c.node, c.state, c.children, c.children_ended, c.children_failed, l.project, l.state as run_state, e.places
            ),
            released as (
              update runs as r
              set held = false, dirty = true
              from counted as c
              cross join lateral (
                select id from runs
                where project = c.project and parent_run_id = c.run_id and parent_node = c.node and state in ('queued', 'running') and held
                order by parent_index
                limit c.places
              ) as next
              where r.id = next.id and c.state = 'waiting'
            ),
            numbered as (
              select *, row_number() over (partition by run_id order by node) as place, count(*) over (partition by run_id) as total from counted where run_state = 'running'
            ),
            advanced as (
              update runs as r
              set last_sequence = r.last_sequence + n.total
              from (select distinct run_id, total from numbered) as n
              where r.id = n.run_id
              returning r.id, r.last_sequence - n.total as before
            ),
            told as (
              insert into run_events (run_id, sequence, type, node, at, data)
              select n.run_id, a.before + n.place, 'step.progress', n.node, @now,
                     jsonb_build_object('total', n.children, 'done', n.children_ended, 'failed', n.children_failed)
              from numbered as n
              join advanced as a on a.id = n.run_id
            )
            select pg_notify('builder', 'run:' || run_id)::text || pg_notify('builder', 'ready')::text || pg_notify('builder', 'advance')::text from counted
            """,
            new
            {
                now,
                children = ended.Select(change => change.Run.Id).ToArray(),
                runs = ended.Select(change => change.Run.ParentRunId).ToArray(),
                nodes = ended.Select(change => change.Run.ParentNode).ToArray(),
                states = ended.Select(change => change.Decision.End).ToArray(),
                held = ended.Select(change => change.Run.Held).ToArray(),
            },
            cancellationToken);
    }

    /// <summary>Asks for the end of what the steps of these runs began: nobody waits for it any more.</summary>
    internal static Task CancelAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> ended, CancellationToken cancellationToken) =>
        transaction.QueryAsync<string>(
            """
            with cancelled as (
              update runs as r
              set cancel_requested = true, dirty = true
              from unnest(@parents) as e (id)
              join runs as p on p.id = e.id
              where r.project = p.project and r.parent_run_id = p.id and r.state in ('queued', 'running')
              returning r.id
            )
            select pg_notify('builder', 'advance')::text from cancelled limit 1
            """,
            new { parents = ended.Where(change => change.Decision.End is RunStates.Failed or RunStates.Cancelled).Select(change => change.Run.Id).ToArray() },
            cancellationToken);
}
