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
    /// What follows for <c>counted</c>, the steps with what was counted at each: as many of their children begin as may run at once, and who watches is told
    /// while the step waits.
    /// </summary>
    private const string Follows =
        """
        released as (
          update runs as r
          set held = false, dirty = true
          from counted as c
          cross join lateral (
            select count(*) as open from runs where project = c.project and parent_run_id = c.run_id and parent_node = c.node and state in ('queued', 'running') and not held
          ) as begun
          cross join lateral (
            select id from runs
            where project = c.project and parent_run_id = c.run_id and parent_node = c.node and state in ('queued', 'running') and held
            order by parent_index
            limit greatest(c.concurrency - begun.open, 0)
          ) as next
          where r.id = next.id and c.state = 'waiting'
        ),
        numbered as (
          select *, row_number() over (partition by run_id order by node) as place, count(*) over (partition by run_id) as total from counted where was_waiting
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
        select pg_notify('builder', 'run:' || run_id)::text || pg_notify('builder', 'ready')::text || pg_notify('builder', 'advance')::text from numbered
        """;

    /// <summary>
    /// Counts children that have ended at the steps that wait for them, with their tokens; lets as many of their siblings begin; and makes a step ready of which
    /// none is left, or one has failed and that is enough. The attempt that began them goes on then. Tokens of a child that outlived its parent go on to the step
    /// above that, and so on, for the parent has been counted without them.
    /// </summary>
    internal static async Task CountAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> changes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ended = changes.Where(change => change.Decision.End is not null && change.Run.ParentRunId is not null).ToList();
        if (ended.Count == 0)
        {
            return;
        }

        await transaction.QueryAsync<string>(
            $"""
            with recursive ended as materialized (
              select e.run_id, e.node, 1 as ended, (e.state <> 'succeeded')::integer as failed, t.prompt_tokens, t.completion_tokens
              from unnest(@children, @runs, @nodes, @states) as e (child, run_id, node, state)
              cross join lateral (
                select coalesce(sum(prompt_tokens), 0)::bigint as prompt_tokens, coalesce(sum(completion_tokens), 0)::bigint as completion_tokens from step_claims where run_id = e.child
              ) as t
            ),
            passed as (
              select run_id, node, ended, failed, prompt_tokens, completion_tokens from ended
              union all
              select r.parent_run_id, r.parent_node, 0, 0, p.prompt_tokens, p.completion_tokens
              from passed as p
              join runs as r on r.id = p.run_id
              where r.parent_run_id is not null and r.state not in ('queued', 'running') and p.prompt_tokens + p.completion_tokens > 0
            ),
            gathered as materialized (
              select run_id, node, sum(ended)::integer as ended, sum(failed)::integer as failed, sum(prompt_tokens)::bigint as prompt_tokens, sum(completion_tokens)::bigint as completion_tokens
              from passed
              group by run_id, node
            ),
            locked as materialized (select id, project, state from runs where id in (select run_id from gathered) order by id for update),
            counted as (
              update step_claims as c
              set children_ended = c.children_ended + e.ended, children_failed = c.children_failed + e.failed,
                  prompt_tokens = c.prompt_tokens + e.prompt_tokens, completion_tokens = c.completion_tokens + e.completion_tokens,
                  state = case when w.goes_on then 'ready' else c.state end, attempt = c.attempt - w.goes_on::integer,
                  due_at = case when w.goes_on then clock_timestamp() else c.due_at end
              from gathered as e
              join locked as l on l.id = e.run_id
              join lateral (
                select s.state = 'waiting' and l.state = 'running' and e.ended > 0 as was_waiting,
                       s.state = 'waiting' and (s.children_ended + e.ended >= s.children or (s.fails_fast and s.children_failed + e.failed > 0)) as goes_on
                from step_claims as s
                where s.run_id = e.run_id and s.node = e.node
              ) as w on true
              where c.run_id = e.run_id and c.node = e.node
              returning c.run_id, c.node, c.state, c.children, c.children_ended, c.children_failed, c.concurrency, l.project, w.was_waiting
            ),
            {Follows}
            """,
            new
            {
                now,
                children = ended.Select(change => change.Run.Id).ToArray(),
                runs = ended.Select(change => change.Run.ParentRunId).ToArray(),
                nodes = ended.Select(change => change.Run.ParentNode).ToArray(),
                states = ended.Select(change => change.Decision.End).ToArray(),
            },
            cancellationToken);
    }

    /// <summary>
    /// Counts anew what every waiting step has begun: whatever was not counted - by a leader of a version that knew of no children, during an update - is made
    /// good, so that no step waits for ever. Once for each leadership.
    /// </summary>
    internal static Task RecountAsync(DatabaseTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.QueryAsync<string>(
            $"""
            with waiting as materialized (
              select c.run_id, c.node, r.project from step_claims as c join runs as r on r.id = c.run_id where c.state = 'waiting' and r.state = 'running' order by r.id for update of r
            ),
            found as materialized (
              select w.run_id, w.node, w.project, count(*)::integer as ended, count(*) filter (where k.state <> 'succeeded')::integer as failed,
                     coalesce(sum(t.prompt_tokens), 0)::bigint as prompt_tokens, coalesce(sum(t.completion_tokens), 0)::bigint as completion_tokens
              from waiting as w
              join runs as k on k.parent_run_id = w.run_id and k.parent_node = w.node and k.state not in ('queued', 'running')
              cross join lateral (select sum(prompt_tokens) as prompt_tokens, sum(completion_tokens) as completion_tokens from step_claims where run_id = k.id) as t
              group by w.run_id, w.node, w.project
            ),
            counted as (
              update step_claims as c
              set children_ended = f.ended, children_failed = f.failed, prompt_tokens = f.prompt_tokens, completion_tokens = f.completion_tokens,
                  state = case when g.goes_on then 'ready' else c.state end, attempt = c.attempt - g.goes_on::integer,
                  due_at = case when g.goes_on then clock_timestamp() else c.due_at end
              from found as f
              join step_claims as s on s.run_id = f.run_id and s.node = f.node
              cross join lateral (select f.ended >= s.children or (s.fails_fast and f.failed > 0) as goes_on) as g
              where c.run_id = f.run_id and c.node = f.node and c.state = 'waiting'
                and (g.goes_on or (s.children_ended, s.children_failed, s.prompt_tokens, s.completion_tokens) is distinct from (f.ended, f.failed, f.prompt_tokens, f.completion_tokens))
              returning c.run_id, c.node, c.state, c.children, c.children_ended, c.children_failed, c.concurrency, f.project, true as was_waiting
            ),
            {Follows}
            """,
            new { now },
            cancellationToken);

    /// <summary>
    /// Asks for the end of what the steps of these runs began: nobody waits for it any more. What has not begun is ended, told and counted here and now, however
    /// much it is; only what runs is looked at one by one.
    /// </summary>
    internal static Task CancelAsync(DatabaseTransaction transaction, IReadOnlyList<RunChange> ended, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.QueryAsync<string>(
            """
            with parents as materialized (select r.id, r.project from unnest(@parents) as e (id) join runs as r on r.id = e.id),
            unbegun as (
              update runs as r
              set state = 'cancelled', cancel_requested = true, dirty = false, last_sequence = r.last_sequence + 1, finished_at = @now
              from parents as p
              where r.project = p.project and r.parent_run_id = p.id and r.state = 'queued' and r.held
              returning r.id, r.parent_run_id, r.parent_node, r.last_sequence
            ),
            told as (insert into run_events (run_id, sequence, type, at) select id, last_sequence, 'run.cancelled', @now from unbegun),
            counted as (
              update step_claims as c
              set children_ended = c.children_ended + u.ended, children_failed = c.children_failed + u.ended
              from (select parent_run_id, parent_node, count(*)::integer as ended from unbegun group by parent_run_id, parent_node) as u
              where c.run_id = u.parent_run_id and c.node = u.parent_node
            ),
            asked as (
              update runs as r
              set cancel_requested = true, dirty = true
              from parents as p
              where r.project = p.project and r.parent_run_id = p.id and (r.state = 'running' or (r.state = 'queued' and not r.held))
              returning r.id
            )
            select pg_notify('builder', 'run:' || id)::text from unbegun
            union all
            (select pg_notify('builder', 'advance')::text from asked limit 1)
            """,
            new { now, parents = ended.Where(change => change.Decision.End is RunStates.Failed or RunStates.Cancelled).Select(change => change.Run.Id).ToArray() },
            cancellationToken);
}
