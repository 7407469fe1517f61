using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Orchestration;

/// <summary>Who leads. The lease is measured by the database's clock, the only one that all orchestrators share.</summary>
internal sealed class LeadershipStore(Database database)
{
    /// <summary>Takes a leadership that has run out: its new token, or null while another leads.</summary>
    internal async Task<long?> TakeAsync(string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        (await database.FirstOrDefaultAsync<LeaseRow>(
            """
            update orchestrator_lease
            set owner = @owner, token = token + 1, lease_until = clock_timestamp() + @lease
            where lease_until < clock_timestamp()
            returning token
            """,
            new { owner, lease },
            cancellationToken))?.Token;

    /// <summary>False when another has taken it.</summary>
    internal async Task<bool> RenewAsync(long token, TimeSpan lease, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "update orchestrator_lease set lease_until = clock_timestamp() + @lease where token = @token", new { token, lease }, cancellationToken) == 1;

    /// <summary>Lets another lead at once.</summary>
    internal Task ReleaseAsync(long token, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            update orchestrator_lease set lease_until = '-infinity' where token = @token;
            select pg_notify('builder', 'advance')
            """,
            new { token },
            cancellationToken);

    /// <summary>
    /// The fence: true while no newer token exists, and none can come into being until the transaction ends, for whoever takes the leadership waits for this lock.
    /// </summary>
    internal async Task<bool> HoldAsync(DatabaseTransaction transaction, long token, CancellationToken cancellationToken) =>
        await transaction.FirstOrDefaultAsync<LeaseRow>("select token from orchestrator_lease where token = @token for share", new { token }, cancellationToken) is not null;

    private sealed record LeaseRow
    {
        public required long Token { get; init; }
    }
}
