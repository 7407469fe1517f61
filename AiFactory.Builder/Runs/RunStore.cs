using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Runs;

internal sealed class RunStore(Database database)
{
    private const string Columns = "r.id, r.flow, r.revision, r.state, r.thread_id, r.started_by, r.trace_parent, r.created_at, r.started_at, r.finished_at, r.parent_run_id, r.parent_node, r.parent_index, t.prompt_tokens, t.completion_tokens";

    private const string From =
        """
        from runs as r
        left join lateral (
          select coalesce(sum(prompt_tokens), 0)::bigint as prompt_tokens, coalesce(sum(completion_tokens), 0)::bigint as completion_tokens
          from step_claims where run_id = r.id
        ) as t on true
        """;

    private const int ErrorInLists = 300;

    /// <summary>Adds the run; false, and nothing is added, when its project has so many open already. Two starts of one project wait for each other, so that both are counted.</summary>
    internal async Task<bool> InsertAsync(RunRow run, int mostOpen, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        await transaction.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('runs of ' || @Project, 0))", new { run.Project }, cancellationToken);
        var open = await transaction.FirstOrDefaultAsync<long>(
            "select count(*) from runs where project = @Project and parent_run_id is null and state in ('queued', 'running')", new { run.Project }, cancellationToken);
        if (open >= mostOpen)
        {
            return false;
        }

        await transaction.ExecuteAsync(
            """
            insert into runs (id, project, flow_id, flow, revision, state, title, input, thread_id, started_by, trace_parent, bodies, created_at)
            values (@Id, @Project, @FlowId, @Flow, @Revision, @State, @Title, @Input::jsonb, @ThreadId, @StartedBy, @TraceParent, @Bodies::jsonb, @CreatedAt);
            select pg_notify('builder', 'advance')
            """,
            run,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    internal Task<RunRow?> FindAsync(string project, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<RunRow>(
            $"select {Columns}, r.project, r.flow_id, r.title, r.input, r.output, r.error, r.last_sequence, r.cancel_requested {From} where r.project = @project and r.id = @id",
            new { project, id },
            cancellationToken);

    /// <summary>Newest first, without what answered in the threads of others, and without what other runs began.</summary>
    internal Task<IReadOnlyList<RunSummaryRow>> ListAsync(string project, string reader, string? flow, string? state, Guid? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<RunSummaryRow>(
            $"""
            select {Columns}, r.title, left(r.error, @ErrorInLists) as error
            {From}
            where r.project = @project and r.parent_run_id is null and (r.thread_id is null or r.started_by = @reader) and (@flow::text is null or r.flow = @flow) and (@state::text is null or r.state = @state) and (@after::uuid is null or r.id < @after)
            order by r.id desc
            limit @limit
            """,
            new { project, reader, flow, state, after, limit, ErrorInLists },
            cancellationToken);

    /// <summary>What a step began, in the order of the items or turns.</summary>
    internal Task<IReadOnlyList<RunSummaryRow>> ListChildrenAsync(Guid parent, string node, int after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<RunSummaryRow>(
            $"""
            select {Columns}, r.title, left(r.error, @ErrorInLists) as error
            {From}
            where r.parent_run_id = @parent and r.parent_node = @node and r.parent_index > @after
            order by r.parent_index
            limit @limit
            """,
            new { parent, node, after, limit, ErrorInLists },
            cancellationToken);

    /// <summary>
    /// Of an output with more than <paramref name="most"/> bytes as JSON the beginning: its ports share so many characters, and one with more has them as a text.
    /// </summary>
    internal Task<IReadOnlyList<StepRow>> ListStepsAsync(Guid runId, int most, CancellationToken cancellationToken) =>
        database.QueryAsync<StepRow>(
            """
            select c.node, c.type, c.state, c.attempt, case when s.is_large then cut.output else c.output end as output, s.is_large as truncated, c.error, c.started_at, c.finished_at, c.children, c.children_ended, c.children_failed
            from step_claims as c
            cross join lateral (select coalesce(coalesce(c.output_bytes, octet_length(c.output::text)) > @most, false) as is_large) as s
            left join lateral (
              select jsonb_object_agg(p.key, case when length(p.value::text) <= p.share then p.value else to_jsonb(left(p.value #>> '{}', p.share)) end) as output
              from (select key, value, (@most / count(*) over ())::integer as share from jsonb_each(c.output)) as p
            ) as cut on s.is_large
            where c.run_id = @runId
            """,
            new { runId, most },
            cancellationToken);

    internal Task<StepRow?> FindStepAsync(Guid runId, string node, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<StepRow>(
            "select node, type, state, attempt, output, error, started_at, finished_at, children, children_ended, children_failed from step_claims where run_id = @runId and node = @node", new { runId, node }, cancellationToken);

    /// <summary>
    /// In their order, until they have so many bytes; the last may go beyond. A run's sequence has no gap, and each event is looked up by itself, so that no more
    /// is read than is answered.
    /// </summary>
    /// <param name="withOutputs">Else only errors have their data.</param>
    internal Task<IReadOnlyList<RunEventRow>> ListEventsAsync(Guid runId, long after, int limit, long bytes, bool withOutputs, CancellationToken cancellationToken) =>
        database.QueryAsync<RunEventRow>(
            """
            with recursive page as (
              select @after as sequence, 0 as place, 0::bigint as bytes, null::text as type, null::text as node, null::integer as attempt, null::timestamptz as at, null::text as data
              union all
              select e.sequence, p.place + 1, p.bytes + coalesce(octet_length(e.data), 0), e.type, e.node, e.attempt, e.at, e.data
              from page as p
              cross join lateral (
                select sequence, type, node, attempt, at,
                       case when @withOutputs or type in ('step.failed', 'step.retried', 'run.failed') then data::text end as data
                from run_events
                where run_id = @runId and sequence > p.sequence
                order by sequence
                limit 1
              ) as e
              where p.place < @limit and p.bytes < @bytes
            )
            select sequence, type, node, attempt, at, data, bytes from page where place > 0 order by sequence
            """,
            new { runId, after, limit, bytes, withOutputs },
            cancellationToken);

    /// <summary>Asks for the run's end: the orchestrator ends it, and its executors are told at once.</summary>
    internal Task RequestCancelAsync(Guid id, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            update runs set cancel_requested = true, dirty = true where id = @id and state in ('queued', 'running');
            select pg_notify('builder', 'advance')
            """,
            new { id },
            cancellationToken);
}
