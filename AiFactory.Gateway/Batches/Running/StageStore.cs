using AiFactory.Gateway.Webhooks;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>A batch's way from one state to the next. Every write names the claim: who lost it writes nothing.</summary>
internal sealed class StageStore(Database database)
{
    private const int AtOnce = 5_000;

    /// <summary>A batch whose input is to be read, or that has come to its end: all of its requests are done, its time is over, or it was ended.</summary>
    internal Task<BatchRow?> ClaimAsync(Guid claim, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<BatchRow>(
            $"""
            update batches as b set claim = @claim, claimed_until = @until
            where b.id = (
              select id from batches as open
              where status in ('validating', 'in_progress', 'finalizing', 'cancelling') and stage_at <= @now and (claim is null or claimed_until < @now)
                and (status <> 'in_progress' or outcome is not null or expires_at <= @now
                  or not exists (select 1 from batch_requests as r where r.batch_id = open.id and r.state <> 'done'))
              order by id limit 1 for update skip locked)
            returning {BatchStore.Columns}
            """,
            new { claim, now, until },
            cancellationToken);

    internal async Task<bool> RenewAsync(Guid id, Guid claim, DateTimeOffset until, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("update batches set claimed_until = @until where id = @id and claim = @claim", new { id, claim, until }, cancellationToken) == 1;

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

    internal Task<ResultCounts?> CountAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<ResultCounts>(
            """
            select count(*) filter (where error_code is null and status between 200 and 299)::int as completed,
              count(*) filter (where error_code is not null or status not between 200 and 299)::int as failed
            from batch_requests where batch_id = @id
            """,
            new { id },
            cancellationToken);

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
              status = outcome, completed = @Completed, failed = @Failed, output_file = @outputFile, error_file = @errorFile, claim = null, claimed_until = null,
              completed_at = case when outcome = 'completed' then @now end, failed_at = case when outcome = 'failed' then @now end,
              expired_at = case when outcome = 'expired' then @now end, cancelled_at = case when outcome = 'cancelled' then @now end
            where id = @Id and claim = @claim and frozen_at is not null
            """,
            new
            {
                batch.Id, claim, counts.Completed, counts.Failed, now,
                outputFile = files.Any(file => file.Id == batch.OutputFile) ? batch.OutputFile : null,
                errorFile = files.Any(file => file.Id == batch.ErrorFile) ? batch.ErrorFile : null,
            },
            cancellationToken));
        foreach (var file in files)
        {
            await transaction.ExecuteAsync(
                """
                insert into files (id, project, subject, purpose, state, filename, bytes, created_at, expires_at)
                values (@Id, @Project, @Subject, @Purpose, 'ready', @Filename, @Bytes, @CreatedAt, @ExpiresAt)
                """,
                new { file.Id, file.Project, batch.Subject, file.Purpose, file.Filename, file.Bytes, file.CreatedAt, file.ExpiresAt },
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
