using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Limits;

internal sealed class LeaseStore(Database database)
{
    internal async Task<Lease> LeaseAsync(Tally tally, Guid holder, LeaseWish wish, TimeSpan alive, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<Lease>(
            """
            select granted, elsewhere, short, exhausted, demanded, gateways
            from lease_limit(@limit, @owner, @starts, @ends, @amount, @holder, @Promised, @Keep, @Share, @Answer, @Asked, @places, @alive)
            """,
            new
            {
                limit = tally.Limit.Id, owner = tally.Owner, starts = tally.StartsAt, ends = End(tally), amount = tally.Limit.Amount, holder, wish.Promised, wish.Keep, wish.Share, wish.Answer,
                wish.Asked, places = tally.Limit.Measure == LimitMeasure.Concurrency, alive,
            },
            cancellationToken) ?? throw new InvalidOperationException("lease_limit answers one row.");

    /// <summary>It lives. Those that were silent for too long lose what they held, and windows that are long over are forgotten.</summary>
    /// <param name="now">As gateways count windows; silence is the database's to measure, and a gateway whose clock is ahead ends no window.</param>
    /// <returns>Whether it is new, or was forgotten itself.</returns>
    internal async Task<bool> BeatAsync(Guid holder, TimeSpan abandonAfter, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<bool>(
            """
            with abandoned as (delete from limit_holders where seen_at < now() - @abandonAfter::interval and holder <> @holder),
            over as (delete from limit_windows where ends_at < least(@now, now()) - interval '1 day')
            insert into limit_holders (holder, seen_at) values (@holder, now())
            on conflict (holder) do update set seen_at = excluded.seen_at
            returning xmax = 0
            """,
            new { holder, abandonAfter, now },
            cancellationToken);

    /// <summary>Of what others need and this one holds: the limits and the owners.</summary>
    internal Task<IReadOnlyList<(Guid Limit, string Owner)>> ListDemandedAsync(Guid holder, CancellationToken cancellationToken) =>
        database.QueryAsync<(Guid, string)>(
            """
            select l.limit_id, l.owner
            from limit_leases as l
            join limit_windows as w using (limit_id, owner, starts_at)
            where l.holder = @holder and l.answered < w.demand and l.granted > l.charged
            """,
            new { holder },
            cancellationToken);

    /// <summary>All that these held and did not spend is free.</summary>
    internal Task ReleaseAsync(Guid[] holders, CancellationToken cancellationToken) =>
        database.ExecuteAsync("delete from limit_holders where holder = any(@holders)", new { holders }, cancellationToken);

    /// <summary>How the windows that are not over stand, those with most used first.</summary>
    internal Task<IReadOnlyList<WindowRow>> ListWindowsAsync(Guid[] limits, DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        database.QueryAsync<WindowRow>(
            """
            select w.limit_id, w.owner, w.spent, coalesce(sum(greatest(l.granted - l.charged, 0)), 0)::bigint as leased
            from limit_windows as w
            left join limit_leases as l using (limit_id, owner, starts_at)
            where w.limit_id = any(@limits) and w.ends_at > @now and w.starts_at <= @now
            group by w.limit_id, w.owner, w.starts_at, w.spent
            order by w.spent desc, w.limit_id, w.owner
            limit @most
            """,
            new { limits, now, most },
            cancellationToken);

    private static DateTimeOffset? End(Tally tally) => tally.EndsAt == DateTimeOffset.MaxValue ? null : tally.EndsAt;
}
