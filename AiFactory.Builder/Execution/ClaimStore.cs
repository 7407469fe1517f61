using AiFactory.Contracts.Builder.Flows;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Execution;

/// <summary>Claims on steps. Leases are measured by the database's clock, the only one that all executors share.</summary>
/// <remarks>Whoever locks a run and its claims locks the run first, so that no two wait for each other.</remarks>
internal sealed class ClaimStore(Database database)
{
    /// <summary>So many waiting steps are looked at, of all projects and of each: more than the executors that claim at the same moment take.</summary>
    private const int Ahead = 128;

    /// <summary>
    /// Claims steps that wait, and steps whose executor has been silent for longer than its lease; their attempt begins in the same statement. The project
    /// of which the fewest steps run comes first, so that no project waits behind the queue of another. What is looked at goes by the statement's time, which
    /// an index can be searched for; what is taken goes by the clock. Steps beyond their project's room are looked at too, behind all others: they take the
    /// places of those that another executor is just taking.
    /// </summary>
    /// <param name="perProject">The most steps of one project that this owner runs.</param>
    internal Task<IReadOnlyList<ClaimedStep>> ClaimAsync(string owner, TimeSpan lease, int limit, int perProject, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.QueryAsync<ClaimedStep>(
            """
            with recursive projects as (
              (select project from step_claims where state = 'ready' order by project limit 1)
              union all
              select (select c.project from step_claims as c where c.state = 'ready' and c.project > p.project order by c.project limit 1)
              from projects as p
              where p.project is not null
            ),
            busy as (
              select project, count(*) as steps, count(*) filter (where owner = @owner) as own
              from step_claims
              where state = 'running' and lease_until >= statement_timestamp()
              group by project
            ),
            waiting as (
              select n.run_id, n.node, n.project, n.due_at
              from projects as p
              cross join lateral (
                select run_id, node, project, due_at
                from step_claims
                where project = p.project and state = 'ready' and due_at <= statement_timestamp()
                order by due_at
                limit @Ahead
              ) as n
              union all
              (select run_id, node, project, due_at from step_claims where state = 'running' and lease_until < statement_timestamp() order by lease_until limit @Ahead)
            ),
            numbered as (
              select w.run_id, w.node, w.project, w.due_at, coalesce(b.steps, 0) as steps, @perProject - coalesce(b.own, 0) as room,
                     row_number() over (partition by w.project order by w.due_at) as number
              from waiting as w
              left join busy as b on b.project = w.project
            ),
            placed as (
              select run_id, node, project, room, number > room as is_spare, steps + number as place
              from numbered
              where room > 0
              order by is_spare, place, due_at
              limit @Ahead
            ),
            locked as materialized (
              select c.run_id, c.node, p.project, p.room, p.is_spare, p.place, c.due_at
              from placed as p
              join step_claims as c on c.run_id = p.run_id and c.node = p.node
              join runs as r on r.id = c.run_id
              where r.state = 'running' and not r.cancel_requested
                and ((c.state = 'ready' and c.due_at <= clock_timestamp()) or (c.state = 'running' and c.lease_until < clock_timestamp()))
              order by p.is_spare, p.place, c.due_at
              limit @limit
              for update of r, c skip locked
            ),
            picked as (
              select run_id, node
              from (select run_id, node, room, row_number() over (partition by project order by is_spare, place) as number from locked) as l
              where number <= room
            ),
            claimed as (
              update step_claims as c
              set state = 'running', attempt = c.attempt + 1, token = c.token + 1, owner = @owner, lease_until = clock_timestamp() + @lease, started_at = case when c.children > 0 then c.started_at else @now end
              from picked as p
              where c.run_id = p.run_id and c.node = p.node
              returning c.run_id, c.node, c.attempt, c.attempts_before, c.failures, c.token
            ),
            counted as (
              select run_id, node, attempt, row_number() over (partition by run_id order by node) as place, count(*) over (partition by run_id) as total from claimed
            ),
            advanced as (
              update runs as r
              set last_sequence = r.last_sequence + n.total
              from (select distinct run_id, total from counted) as n
              where r.id = n.run_id
              returning r.id, r.last_sequence - n.total as before, r.project, r.flow_id, r.revision, r.trace_parent
            ),
            begun as (
              insert into run_events (run_id, sequence, type, node, attempt, at)
              select n.run_id, a.before + n.place, 'step.started', n.node, n.attempt, @now
              from counted as n
              join advanced as a on a.id = n.run_id
            )
            select c.run_id, c.node, c.attempt, c.attempts_before, c.failures, c.token, a.project, a.flow_id, a.revision, a.trace_parent,
                   pg_notify('builder', 'run:' || c.run_id)::text as notified
            from claimed as c
            join advanced as a on a.id = c.run_id
            """,
            new { owner, lease, limit, perProject, now, Ahead },
            cancellationToken);

    /// <summary>Extends the claims, and answers which are not ours any more: another has them, or their run has ended.</summary>
    internal async Task<IReadOnlyList<ClaimedStep>> RenewAsync(IReadOnlyList<ClaimedStep> claims, TimeSpan lease, CancellationToken cancellationToken)
    {
        var held = await database.QueryAsync<HeldRow>(
            """
            update step_claims as c
            set lease_until = clock_timestamp() + @lease
            from unnest(@runs, @nodes, @tokens) as o (run_id, node, token)
            where c.run_id = o.run_id and c.node = o.node and c.token = o.token and c.state = 'running'
            returning c.run_id, c.node
            """,
            new { lease, runs = claims.Select(claim => claim.RunId).ToArray(), nodes = claims.Select(claim => claim.Node).ToArray(), tokens = claims.Select(claim => claim.Token).ToArray() },
            cancellationToken);
        var ours = held.Select(row => (row.RunId, row.Node)).ToHashSet();
        return [.. claims.Where(claim => !ours.Contains((claim.RunId, claim.Node)))];
    }

    /// <summary>
    /// Writes an answer: the event and what follows from it in one statement, which is a transaction. False when the claim is not ours any more; then nothing is written.
    /// The run is read behind its lock, and so before the claim is touched.
    /// </summary>
    internal async Task<bool> AnswerAsync(ClaimedStep claim, StepAnswer answer, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<HeldRow>(
            """
            with locked as materialized (select id from runs where id = @RunId for update),
            answered as (
              update step_claims as c
              set state = @State, output = @Output::jsonb, output_bytes = octet_length(@Output::text), error = @Error, prompt_tokens = prompt_tokens + @PromptTokens, completion_tokens = completion_tokens + @CompletionTokens,
                  failures = failures + (@State <> 'succeeded' and not @IsPostponed)::int, attempts_before = attempts_before + @IsPostponed::int, due_at = clock_timestamp() + @Delay, finished_at = case when @State <> 'ready' then @At end,
                  owner = null, lease_until = null
              from locked as l
              where c.run_id = l.id and c.node = @Node and c.token = @Token and c.state = 'running'
              returning c.run_id, c.node, c.attempt
            ),
            advanced as (
              update runs as r
              set last_sequence = r.last_sequence + 1, dirty = r.dirty or @State <> 'ready'
              from answered as a
              where r.id = a.run_id
              returning r.id, r.last_sequence
            ),
            told as (
              insert into run_events (run_id, sequence, type, node, attempt, at, data)
              select a.run_id, v.last_sequence, @Event, a.node, a.attempt, @At, @Data::jsonb
              from answered as a
              join advanced as v on v.id = a.run_id
            )
            select run_id, node, pg_notify('builder', 'run:' || run_id)::text || pg_notify('builder', 'advance')::text as notified from answered
            """,
            new
            {
                claim.RunId, claim.Node, claim.Token, answer.State, answer.Output, answer.Error, answer.PromptTokens, answer.CompletionTokens, answer.Delay, answer.At, answer.Event,
                answer.Data, answer.IsPostponed,
            },
            cancellationToken) is not null;

    /// <summary>Gives claims back whose work was broken off by this process' end: another executor takes them at once.</summary>
    internal Task<int> ReleaseAsync(IReadOnlyList<ClaimedStep> claims, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            update step_claims as c
            set state = 'ready', owner = null, lease_until = null, due_at = clock_timestamp()
            from unnest(@runs, @nodes, @tokens) as o (run_id, node, token)
            where c.run_id = o.run_id and c.node = o.node and c.token = o.token and c.state = 'running';
            select pg_notify('builder', 'ready')
            """,
            new { runs = claims.Select(claim => claim.RunId).ToArray(), nodes = claims.Select(claim => claim.Node).ToArray(), tokens = claims.Select(claim => claim.Token).ToArray() },
            cancellationToken);

    /// <summary>Apart from the claim: a run whose input cannot be read holds up no other.</summary>
    internal async Task<string> ReadInputAsync(Guid runId, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<string>("select input from runs where id = @runId", new { runId }, cancellationToken) ?? "{}";

    /// <summary>What these edges bring, in their order; without its JSON when it has more bytes than <paramref name="most"/> together.</summary>
    internal Task<IReadOnlyList<StepInputRow>> ListInputsAsync(Guid runId, IReadOnlyList<FlowEdge> edges, long most, CancellationToken cancellationToken) =>
        database.QueryAsync<StepInputRow>(
            """
            with given as materialized (
              select e.place, e.port, e.source, (c.output -> e.source_port)::text as value
              from unnest(@sources, @sourcePorts, @ports) with ordinality as e (source, source_port, port, place)
              join step_claims as c on c.run_id = @runId and c.node = e.source and c.state = 'succeeded'
            )
            select port, source, case when sum(octet_length(value)) over () <= @most then value end as value, sum(octet_length(value)) over () as bytes
            from given
            where value is not null
            order by place
            """,
            new
            {
                runId,
                most,
                sources = edges.Select(edge => edge.From).ToArray(),
                sourcePorts = edges.Select(edge => edge.FromPort).ToArray(),
                ports = edges.Select(edge => edge.ToPort).ToArray(),
            },
            cancellationToken);

    /// <summary>To the other processes that share the database.</summary>
    internal Task NotifyAsync(string payload, CancellationToken cancellationToken) =>
        database.ExecuteAsync("select pg_notify('builder', @payload)", new { payload }, cancellationToken);

    private sealed record HeldRow
    {
        public required Guid RunId { get; init; }

        public required string Node { get; init; }
    }
}
