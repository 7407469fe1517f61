using AiFactory.Gateway.Webhooks;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>A batch's way from one state to the next. Every write names the claim: who lost it writes nothing.</summary>
internal sealed class StageStore(Database database)
{
    private const int AtOnce = 5_000;

    /// <summary>
    /// A batch whose input is to be read, or that has come to its end: all of its requests are done, its time is over, or it was ended. Projects take turns, for one may have
    /// many large ones. Leases are of the database's clock.
    /// </summary>
    internal Task<BatchRow?> ClaimAsync(Guid claim, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<BatchRow>(
            $"""
            with next as materialized (
              select open.id, open.project from batches as open
              left join work_turns as turn on turn.project = open.project
              where open.status in ('validating', 'in_progress', 'finalizing', 'cancelling') and open.stage_at <= @now and (open.claim is null or open.claimed_until < clock_timestamp())
                and (open.status <> 'in_progress' or open.outcome is not null or open.expires_at <= @now
                  or not exists (select 1 from batch_requests as r where r.batch_id = open.id and r.state <> 'done'))
              order by turn.staged_at nulls first, open.id limit 1 for update of open skip locked
            ),
            turned as (
              insert into work_turns (project, staged_at) select project, clock_timestamp() from next
              on conflict (project) do update set staged_at = excluded.staged_at
            )
            update batches as b set claim = @claim, claimed_until = clock_timestamp() + @lease
            from next where b.id = next.id
            returning {BatchStore.Columns}
            """,
            new { claim, now, lease },
            cancellationToken);

    internal async Task<bool> RenewAsync(Guid id, Guid claim, TimeSpan lease, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("update batches set claimed_until = clock_timestamp() + @lease where id = @id and claim = @claim", new { id, claim, lease }, cancellationToken) == 1;

    /// <summary>Whether every request of it is done.</summary>
    internal async Task<bool> IsDoneAsync(Guid id, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<bool>("select not exists (select 1 from batch_requests where batch_id = @id and state <> 'done')", new { id }, cancellationToken);

    /// <summary>For another try, at that time.</summary>
    internal Task ReleaseAsync(Guid id, Guid claim, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update batches set claim = null, claimed_until = null, stage_at = @at where id = @id and claim = @claim", new { id, claim, at }, cancellationToken);

    /// <summary>The input is not valid.</summary>
    /// <exception cref="LeaseLostException">The claim is another's, or the batch was cancelled.</exception>
    internal async Task RefuseAsync(Guid id, Guid claim, string errors, WebhookMessageRow? message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        Ours(await transaction.ExecuteAsync(
            """
            update batches set status = 'failed', outcome = 'failed', errors = @errors::jsonb, failed_at = @now, claim = null, claimed_until = null
            where id = @id and claim = @claim and status = 'validating'
            """,
            new { id, claim, errors, now },
            cancellationToken));
        if (message is not null)
        {
            await WebhookStore.InsertAsync(transaction, message, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The input is valid: these are the requests.</summary>
    /// <exception cref="LeaseLostException">As of <see cref="RefuseAsync"/>.</exception>
    internal async Task AcceptAsync(Guid id, Guid claim, List<InputRequest> requests, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        Ours(await transaction.ExecuteAsync(
            """
            update batches set status = 'in_progress', in_progress_at = @now, total = @total, claim = null, claimed_until = null
            where id = @id and claim = @claim and status = 'validating'
            """,
            new { id, claim, now, total = requests.Count },
            cancellationToken));
        foreach (var some in requests.Chunk(AtOnce))
        {
            await transaction.ExecuteAsync(
                """
                insert into batch_requests (batch_id, line, custom_id, input_offset, input_length, next_at)
                select @id, line, custom_id, input_offset, input_length, @now
                from unnest(@lines, @customIds, @offsets, @lengths) as input (line, custom_id, input_offset, input_length)
                """,
                new
                {
                    id, now,
                    lines = some.Select(one => one.Line).ToArray(),
                    customIds = some.Select(one => one.CustomId).ToArray(),
                    offsets = some.Select(one => one.Offset).ToArray(),
                    lengths = some.Select(one => one.Length).ToArray(),
                },
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>From here on nothing about the requests changes, so that whoever writes the files writes the same: what was not done never will be, for this reason.</summary>
    /// <exception cref="LeaseLostException">The claim is another's.</exception>
    internal async Task<BatchRow> FreezeAsync(Guid id, Guid claim, Ending ending, Guid outputFile, Guid errorFile, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);

        // The batch first: no claim of requests goes on beside this.
        var batch = await transaction.FirstOrDefaultAsync<BatchRow>(
            $"""
            update batches as b set
              outcome = @Outcome, frozen_at = @now, status = case when @Outcome = 'cancelled' then 'cancelling' else 'finalizing' end,
              finalizing_at = case when @Outcome = 'cancelled' then null else @now end, output_file = @outputFile, error_file = @errorFile
            where id = @id and claim = @claim and frozen_at is null
            returning {BatchStore.Columns}
            """,
            new { id, claim, ending.Outcome, outputFile, errorFile, now },
            cancellationToken) ?? throw new LeaseLostException();
        await transaction.ExecuteAsync(
            """
            update batch_requests set state = 'done', error_code = @Code, error_message = @Message, done_at = @now, claim = null, claimed_until = null
            where batch_id = @id and state <> 'done'
            """,
            new { id, ending.Code, ending.Message, now },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return batch;
    }

    /// <summary>Results behind a line, in the order of the input.</summary>
    internal Task<IReadOnlyList<ResultRow>> ResultsAsync(Guid id, bool completed, int after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ResultRow>(
            """
            select line, custom_id, status, answer, answer_object, error_code, error_message from batch_requests
            where batch_id = @id and line > @after and (error_code is null and status between 200 and 299) = @completed
            order by line limit @limit
            """,
            new { id, completed, after, limit },
            cancellationToken);

    /// <summary>The end: its files are there, its requests are of no use any more but a job's.</summary>
    /// <exception cref="LeaseLostException">The claim is another's.</exception>
    internal async Task EndAsync(BatchRow batch, Guid claim, ResultCounts counts, IReadOnlyList<Files.FileRow> files, WebhookMessageRow? message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        Ours(await transaction.ExecuteAsync(
            """
            update batches set
              status = outcome, completed = @Completed, failed = @Failed, input_tokens = @InputTokens, cached_tokens = @CachedTokens, output_tokens = @OutputTokens, reasoning_tokens = @ReasoningTokens,
              output_file = @outputFile, error_file = @errorFile, claim = null, claimed_until = null,
              completed_at = case when outcome = 'completed' then @now end, failed_at = case when outcome = 'failed' then @now end,
              expired_at = case when outcome = 'expired' then @now end, cancelled_at = case when outcome = 'cancelled' then @now end
            where id = @Id and claim = @claim and frozen_at is not null
            """,
            new
            {
                batch.Id, claim, counts.Completed, counts.Failed, counts.InputTokens, counts.CachedTokens, counts.OutputTokens, counts.ReasoningTokens, now,
                outputFile = files.Any(file => file.Id == batch.OutputFile) ? batch.OutputFile : null,
                errorFile = files.Any(file => file.Id == batch.ErrorFile) ? batch.ErrorFile : null,
            },
            cancellationToken));
        foreach (var file in files)
        {
            await transaction.ExecuteAsync(
                """
                insert into files (id, project, subject, line, purpose, state, filename, bytes, created_at, expires_at)
                values (@Id, @Project, @Subject, @Line, @Purpose, 'ready', @Filename, @Bytes, @CreatedAt, @ExpiresAt)
                """,
                new { file.Id, file.Project, batch.Subject, batch.Line, file.Purpose, file.Filename, file.Bytes, file.CreatedAt, file.ExpiresAt },
                cancellationToken);
        }

        if (message is not null)
        {
            await WebhookStore.InsertAsync(transaction, message, cancellationToken);
        }

        if (batch.Kind == BatchKinds.Batch)
        {
            await transaction.ExecuteAsync("delete from batch_requests where batch_id = @Id", new { batch.Id }, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static void Ours(int rows)
    {
        if (rows == 0)
        {
            throw new LeaseLostException();
        }
    }
}
