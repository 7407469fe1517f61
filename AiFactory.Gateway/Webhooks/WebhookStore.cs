using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Webhooks;

internal sealed class WebhookStore(Database database)
{
    private const string Columns = "id, project, batch_id, type, url, state, attempts, next_at, last_status, last_error, created_at, ended_at";

    internal Task<WebhookSecretRow?> FindSecretAsync(string project, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<WebhookSecretRow>(
            "select project, secret, previous, previous_until, created_at, created_by from webhook_secrets where project = @project", new { project }, cancellationToken);

    /// <summary>The first secret of a project, or a new one: then the last one is good beside it for a while.</summary>
    internal Task RotateAsync(string project, string secret, DateTimeOffset previousUntil, DateTimeOffset now, string by, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            insert into webhook_secrets as held (project, secret, created_at, created_by) values (@project, @secret, @now, @by)
            on conflict (project) do update set
              secret = excluded.secret, previous = held.secret, previous_until = @previousUntil, created_at = excluded.created_at, created_by = excluded.created_by
            """,
            new { project, secret, previousUntil, now, by },
            cancellationToken);

    /// <summary>Every project's.</summary>
    internal Task<IReadOnlyList<WebhookSecretRow>> ListSecretsAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<WebhookSecretRow>("select project, secret, previous, previous_until, created_at, created_by from webhook_secrets order by project", null, cancellationToken);

    /// <summary>The same secret, sealed otherwise. False where neither the newest nor the one before is the one that it was.</summary>
    internal async Task<bool> ReplaceSecretAsync(string project, string was, string anew, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            """
            update webhook_secrets set secret = case secret when @was then @anew else secret end, previous = case previous when @was then @anew else previous end
            where project = @project and @was in (secret, previous)
            """,
            new { project, was, anew },
            cancellationToken) == 1;

    /// <summary>With the end that it tells of, or not at all.</summary>
    internal static Task InsertAsync(DatabaseTransaction transaction, WebhookMessageRow message, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into webhook_messages (id, project, batch_id, type, url, payload, next_at, created_at)
            values (@Id, @Project, @BatchId, @Type, @Url, @Payload, @NextAt, @CreatedAt)
            """,
            message,
            cancellationToken);

    /// <summary>Messages whose time has come, of each project so many with those that are under way: one whose receivers are slow does not hold up the others'.</summary>
    /// <param name="claim">This process's.</param>
    /// <param name="lease">By the database's clock.</param>
    internal Task<IReadOnlyList<WebhookMessageRow>> ClaimAsync(Guid claim, int most, int mostOfProject, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        database.QueryAsync<WebhookMessageRow>(
            $"""
            with busy as materialized (
              select project, count(*) as messages from webhook_messages where state = 'waiting' and claim = @claim and claimed_until >= clock_timestamp() group by project
            ),
            due as materialized (
              select id, next_at, row_number() over (partition by project order by next_at, id) + coalesce(busy.messages, 0) as place from webhook_messages left join busy using (project)
              where state = 'waiting' and next_at <= @now and (claim is null or claimed_until < clock_timestamp())
            ),
            next as materialized (
              select id from webhook_messages
              where id in (select id from due where place <= @mostOfProject order by next_at limit @most) and state = 'waiting' and (claim is null or claimed_until < clock_timestamp())
              for update skip locked
            )
            update webhook_messages set claim = @claim, claimed_until = clock_timestamp() + @lease, attempts = attempts + 1
            where id in (select id from next)
            returning {Columns}, payload
            """,
            new { claim, most, mostOfProject, now, lease },
            cancellationToken);

    /// <summary>What became of an attempt. Nothing is written where the claim was lost.</summary>
    internal Task<int> RecordAsync(Guid id, Guid claim, int attempts, string state, int? status, string? error, DateTimeOffset nextAt, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            update webhook_messages set
              state = @state, last_status = @status, last_error = @error, next_at = @nextAt, ended_at = case when @state <> 'waiting' then @now end, claim = null, claimed_until = null
            where id = @id and claim = @claim and attempts = @attempts
            """,
            new { id, claim, attempts, state, status, error, nextAt, now },
            cancellationToken);

    internal Task<IReadOnlyList<WebhookMessageRow>> ListAsync(string project, string? state, Guid? after, bool ascending, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<WebhookMessageRow>(
            $"""
            select {Columns} from webhook_messages
            where project = @project and (@state::text is null or state = @state) and (@after::uuid is null or case when @ascending then id > @after else id < @after end)
            order by case when @ascending then id end, case when not @ascending then id end desc
            limit @limit
            """,
            new { project, state, after, ascending, limit },
            cancellationToken);

    internal Task<WebhookMessageRow?> FindAsync(string project, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<WebhookMessageRow>($"select {Columns} from webhook_messages where id = @id and project = @project", new { id, project }, cancellationToken);

    /// <summary>The message that tells of the end of that job; null while there is none.</summary>
    internal Task<WebhookMessageRow?> FindOfAsync(Guid batch, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<WebhookMessageRow>($"select {Columns} from webhook_messages where batch_id = @batch limit 1", new { batch }, cancellationToken);

    /// <summary>From the beginning, with all its attempts, whether it was parked or delivered.</summary>
    internal async Task<bool> AgainAsync(string project, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "update webhook_messages set state = 'waiting', attempts = 0, next_at = @now, ended_at = null where id = @id and project = @project and state <> 'waiting'",
            new { id, project, now },
            cancellationToken) == 1;

    internal Task<int> DeleteEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "delete from webhook_messages where id in (select id from webhook_messages where state <> 'waiting' and ended_at < @before order by ended_at limit @limit)", new { before, limit }, cancellationToken);
}
