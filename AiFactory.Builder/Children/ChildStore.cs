using AiFactory.Builder.Execution;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Children;

/// <summary>The runs that a step began, as its executor reads and writes them.</summary>
internal sealed class ChildStore(Database database)
{
    private const int LongestError = 2000;

    /// <summary>
    /// In their order; the values without their JSON when they have more bytes than <paramref name="most"/> together. What is far beyond that is known by the
    /// outputs' sizes, and none of them is read; four times as much may still fit, for an output can have its value as text and as JSON.
    /// </summary>
    /// <param name="newest">Only so many of the last; all when null.</param>
    internal Task<IReadOnlyList<ChildRun>> ListAsync(ClaimedStep claim, int? newest, long most, CancellationToken cancellationToken) =>
        database.QueryAsync<ChildRun>(
            """
            with children as materialized (
              select id, parent_index, state, left(error, @LongestError) as error, output_bytes
              from runs
              where parent_run_id = @RunId and parent_node = @Node
              order by parent_index desc
              limit @newest::integer
            ),
            sizes as materialized (select coalesce(sum(output_bytes), 0)::bigint as bytes from children),
            given as materialized (
              select r.id, coalesce(r.output -> 'json', r.output -> 'text', r.output -> 'passages')::text as value
              from sizes as s
              join runs as r on r.id in (select id from children)
              where s.bytes <= 4 * @most
            ),
            total as (select case when s.bytes > 4 * @most then s.bytes else (select coalesce(sum(octet_length(value)), 0) from given) end::bigint as bytes from sizes as s)
            select c.parent_index as index, c.state, c.error, case when t.bytes <= @most then g.value end as value, t.bytes, s.prompt_tokens, s.completion_tokens
            from children as c
            left join given as g on g.id = c.id
            cross join total as t
            join step_claims as s on s.run_id = @RunId and s.node = @Node
            order by c.parent_index
            """,
            new { claim.RunId, claim.Node, newest, most, LongestError },
            cancellationToken);

    internal Task<BodyRow?> FindBodyAsync(ClaimedStep claim, string flow, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<BodyRow>(
            """
            select (r.bodies -> @flow ->> 'flowId')::uuid as flow_id, (r.bodies -> @flow ->> 'revision')::integer as revision,
                   (select count(*) from runs where project = r.project and parent_run_id is not null and state in ('queued', 'running')) as open
            from runs as r
            where r.id = @RunId
            """,
            new { claim.RunId, flow },
            cancellationToken);

    /// <summary>
    /// Begins the runs and lets the step wait for them, in one statement, which is a transaction. False when the claim is not ours any more; then nothing is
    /// written, so that whoever has the step begins them and nobody does twice.
    /// </summary>
    internal async Task<bool> BeginAsync(ClaimedStep claim, ChildBatch batch, DateTimeOffset at, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<BegunRow>(
            """
            with locked as materialized (select id, project, thread_id, started_by, bodies from runs where id = @RunId for update),
            answered as (
              update step_claims as c
              set state = 'waiting', children = c.children + @count, concurrency = @Concurrency, fails_fast = @FailsFast, owner = null, lease_until = null, error = null,
                  failures = 0, attempts_before = c.attempt - 1
              from locked as l
              where c.run_id = l.id and c.node = @Node and c.token = @Token and c.state = 'running'
              returning c.run_id, c.node, c.attempt, c.children, c.children_ended, c.children_failed
            ),
            begun as (
              insert into runs (id, project, flow_id, flow, revision, state, title, input, thread_id, started_by, trace_parent, bodies, parent_run_id, parent_node, parent_index,
                                held, dirty, created_at)
              select n.id, l.project, @FlowId, @Flow, @Revision, 'queued', n.title, n.input::jsonb, l.thread_id, l.started_by, @TraceParent, l.bodies, a.run_id, a.node, n.index,
                     n.place > @Concurrency, n.place <= @Concurrency, @at
              from answered as a
              join locked as l on l.id = a.run_id
              cross join unnest(@ids, @indexes, @titles, @inputs) with ordinality as n (id, index, title, input, place)
            ),
            advanced as (
              update runs as r set last_sequence = r.last_sequence + 1 from answered as a where r.id = a.run_id returning r.id, r.last_sequence
            ),
            told as (
              insert into run_events (run_id, sequence, type, node, attempt, at, data)
              select a.run_id, v.last_sequence, 'step.progress', a.node, a.attempt, @at,
                     jsonb_build_object('total', a.children, 'done', a.children_ended, 'failed', a.children_failed)
              from answered as a
              join advanced as v on v.id = a.run_id
            )
            select run_id, pg_notify('builder', 'run:' || run_id)::text || pg_notify('builder', 'advance')::text as notified from answered
            """,
            new
            {
                claim.RunId, claim.Node, claim.Token, batch.FailsFast, batch.Pin.FlowId, batch.Flow, batch.Pin.Revision, batch.TraceParent, batch.Concurrency, at,
                count = batch.Runs.Count,
                ids = batch.Runs.Select(run => run.Id).ToArray(),
                indexes = batch.Runs.Select(run => run.Index).ToArray(),
                titles = batch.Runs.Select(run => run.Title).ToArray(),
                inputs = batch.Runs.Select(run => run.Input).ToArray(),
            },
            cancellationToken) is not null;

    private sealed record BegunRow
    {
        public required Guid RunId { get; init; }
    }
}
