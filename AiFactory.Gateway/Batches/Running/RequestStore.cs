using AiFactory.Contracts.Routing;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>The requests of batches, as gateways share them out. Every write of a claim names its attempt: who lost it writes nothing.</summary>
internal sealed class RequestStore(Database database)
{
    /// <summary>What can be claimed. Leases are of the database's clock, so that a gateway whose own is ahead takes nothing that another has under way.</summary>
    private const string Open = "r.state <> 'done' and ((r.state = 'waiting' and r.next_at <= @now) or r.claimed_until < clock_timestamp())";

    /// <summary>Over which gateways ended more than once: with this claim, where the last one's lease is over.</summary>
    private const string Suspect = "r.deaths > 0 and r.deaths + case when r.state = 'running' then 1 else 0 end > 1";

    /// <summary>How many of a batch may be under way at once.</summary>
    private const string Room = "case when b.pauses > 0 then 1 else least(@mostOfBatch, coalesce(floor(b.room)::integer, @mostOfBatch)) end";

    /// <summary>
    /// Requests of one batch: of the project whose turn it is, its batch whose turn it is, as far as that may have more under way. The batch is locked meanwhile, so that
    /// all gateways together keep to its bound. One that was told to wait goes on with one request, which waited shortest, and with all when that was answered.
    /// </summary>
    /// <param name="snapshot">What this gateway knows: of a batch whose key it may not know yet it takes nothing.</param>
    /// <param name="suspects">Whether one may be among them that ends gateways: more of them at once would be blamed for one another.</param>
    internal async Task<IReadOnlyList<RequestRow>> ClaimAsync(
        Guid claim, int most, int mostOfBatch, RoutingSnapshot snapshot, bool suspects, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await transaction.FirstOrDefaultAsync<Guid?>(
            $"""
            select b.id from batches as b
            left join work_turns as turn on turn.project = b.project
            where b.status = 'in_progress' and b.outcome is null and b.next_at <= @now and b.expires_at > @now
              and (b.known_version is null or b.known_version <= @Version or b.known_at <= @PublishedAt)
              and exists (select 1 from batch_requests as r where r.batch_id = b.id and {Open} and (@suspects or not ({Suspect})))
              and (select count(*) from batch_requests as r where r.batch_id = b.id and r.state = 'running' and r.claimed_until >= clock_timestamp())
                < {Room}
            order by turn.taken_at nulls first, b.turn_at nulls first, b.id
            limit 1 for update of b skip locked
            """,
            new { now, mostOfBatch, snapshot.Version, PublishedAt = snapshot.PublishedAt.ToUniversalTime(), suspects },
            cancellationToken) is not { } batch)
        {
            return [];
        }

        var rows = await transaction.QueryAsync<RequestRow>(
            $"""
            with suspect as materialized (
              select r.id from batch_requests as r where r.batch_id = @batch and {Open} and {Suspect} and @suspects order by r.next_at, r.line limit 1
            ),
            next as materialized (
              select r.id from batch_requests as r
              where r.batch_id = @batch and {Open} and (not ({Suspect}) or r.id = (select id from suspect))
              order by r.next_at, r.line
              limit least(@most, (select {Room} from batches as b where b.id = @batch)
                - (select count(*) from batch_requests where batch_id = @batch and state = 'running' and claimed_until >= clock_timestamp()))
              for update skip locked
            )
            update batch_requests as r
            set state = 'running', claim = @claim, claimed_until = clock_timestamp() + @lease, attempt = r.attempt + 1, deaths = r.deaths + case when r.state = 'running' then 1 else 0 end
            from next, batches as b
            where r.id = next.id and b.id = @batch
            returning r.id, r.batch_id, r.line, r.attempt, r.deaths, r.failures, r.input_offset, r.input_length, r.body, b.project, b.subject, coalesce(b.line, b.subject) as owner_line, b.endpoint, b.input_file, b.pauses, b.room is not null as is_crowded
            """,
            new { batch, claim, most, mostOfBatch, suspects, now, lease },
            cancellationToken);

        // clock_timestamp, for two claims of one moment are two turns.
        await transaction.ExecuteAsync(
            """
            with served as (update batches set turn_at = clock_timestamp() where id = @batch returning project)
            insert into work_turns (project, taken_at) select project, clock_timestamp() from served
            on conflict (project) do update set taken_at = excluded.taken_at
            """,
            new { batch },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }

    /// <summary>Those that are still ours and still wanted, for so much longer.</summary>
    internal Task<IReadOnlyList<long>> RenewAsync(Guid claim, long[] ids, TimeSpan lease, CancellationToken cancellationToken) =>
        database.QueryAsync<long>(
            """
            update batch_requests as r set claimed_until = clock_timestamp() + @lease
            from batches as b
            where r.id = any(@ids) and r.claim = @claim and r.state = 'running' and b.id = r.batch_id and b.status = 'in_progress' and b.outcome is null
            returning r.id
            """,
            new { claim, ids, lease },
            cancellationToken);

    /// <summary>The request's one result. False when the claim was lost, or the batch has ended without it.</summary>
    internal async Task<bool> FinishAsync(RequestRow row, Guid claim, RequestVerdict.Result result, string? answerObject, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            update batch_requests set
              state = 'done', status = @Status, answer = @answer, answer_object = @answerObject, error_code = @ErrorCode, error_message = @ErrorMessage, done_at = @now,
              input_tokens = @InputTokens, cached_tokens = @CachedTokens, output_tokens = @OutputTokens, reasoning_tokens = @ReasoningTokens, claim = null, claimed_until = null
            where id = @Id and claim = @claim and attempt = @Attempt and state = 'running'
            """,
            new { row.Id, row.Attempt, claim, result.Status, answer = answerObject is null ? result.Answer?.ToArray() : null, answerObject, result.ErrorCode, result.ErrorMessage, now, result.Usage.InputTokens, result.Usage.CachedTokens, result.Usage.OutputTokens, result.Usage.ReasoningTokens },
            cancellationToken) == 1;

    /// <summary>Gives the claim back, for another try.</summary>
    /// <param name="deaths">1 where it is as if the gateway had ended over it.</param>
    internal Task<int> ReleaseAsync(RequestRow row, Guid claim, int failures, DateTimeOffset nextAt, CancellationToken cancellationToken, int deaths = 0) =>
        database.ExecuteAsync(
            """
            update batch_requests set state = 'waiting', claim = null, claimed_until = null, failures = @failures, deaths = deaths + @deaths, next_at = @nextAt
            where id = @Id and claim = @claim and attempt = @Attempt and state = 'running'
            """,
            new { row.Id, row.Attempt, claim, failures, deaths, nextAt },
            cancellationToken);

    /// <summary>No request of the batch begins before that time. What was under way together and told to wait together counts once.</summary>
    internal Task PauseAsync(Guid batch, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "update batches set pauses = pauses + case when next_at <= @now then 1 else 0 end, next_at = greatest(next_at, @until) where id = @batch",
            new { batch, now, until },
            cancellationToken);

    internal Task UnpauseAsync(Guid batch, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update batches set pauses = 0 where id = @batch and pauses > 0", new { batch }, cancellationToken);

    /// <summary>Of this batch no more has room at once than is under way now, where anything is.</summary>
    /// <returns>False where nothing is: others have the room.</returns>
    internal async Task<bool> CrowdAsync(Guid batch, int mostOfBatch, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            update batches as b set room = least(coalesce(b.room, @mostOfBatch), under_way.count)
            from (select count(*) from batch_requests where batch_id = @batch and state = 'running' and claimed_until >= clock_timestamp()) as under_way
            where b.id = @batch and under_way.count > 0
            """,
            new { batch, mostOfBatch },
            cancellationToken) == 1;

    /// <summary>One was answered. For one more at once it takes eight times as many answers as there is room now: each try that fails is a refusal.</summary>
    internal Task GrowAsync(Guid batch, int mostOfBatch, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "update batches set room = case when room + 0.125 / room < @mostOfBatch then room + 0.125 / room end where id = @batch and room is not null",
            new { batch, mostOfBatch },
            cancellationToken);

    /// <summary>The batch ends for a reason of its own.</summary>
    /// <param name="errors">A JSON array of <see cref="BatchError"/>.</param>
    internal Task EndAsync(Guid batch, string errors, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update batches set outcome = 'failed', errors = @errors::jsonb where id = @batch and status = 'in_progress' and outcome is null", new { batch, errors }, cancellationToken);

    /// <summary>Before an object is stored, so that it is removed with the batch even when nothing comes of it.</summary>
    internal Task HasObjectsAsync(Guid batch, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update batches set has_objects = true where id = @batch and not has_objects", new { batch }, cancellationToken);
}
