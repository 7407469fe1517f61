using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Limits;

internal sealed class LeaseStore(Database database)
{
    /// <summary>All in one order, in which every gateway locks them.</summary>
    /// <returns>By their places in the list, the first of which is 1.</returns>
    internal Task<IReadOnlyList<Lease>> LeaseAsync(IReadOnlyList<(Tally Tally, Limit Limit, LeaseWish Wish)> wishes, Guid holder, TimeSpan alive, CancellationToken cancellationToken)
    {
        return database.QueryAsync<Lease>(
            """
            select w.place, l.granted, l.elsewhere, l.short, l.exhausted, l.demanded, l.gateways
            from (
              select *
              from unnest(@limits::uuid[], @owners::text[], @starts::timestamptz[], @ends::timestamptz[], @amounts::bigint[], @promised::bigint[], @keep::bigint[], @share::boolean[], @answer::boolean[],
                          @asked::boolean[], @places::boolean[])
                with ordinality as u (limit_id, owner, starts_at, ends_at, amount, promised, keep, share, answer, asked, is_place, place)
              order by limit_id, owner, starts_at
            ) as w
            cross join lateral lease_limit(
              w.limit_id, w.owner, w.starts_at, w.ends_at, w.amount, @holder, w.promised, w.keep, w.share, w.answer, w.asked, w.is_place, @alive) as l
            """,
            new
            {
                limits = Each(one => one.Limit.Id), owners = Each(one => one.Tally.Owner), starts = Each(one => one.Tally.StartsAt), ends = Each(one => End(one.Tally)),
                amounts = Each(one => one.Limit.Amount), promised = Each(one => one.Wish.Promised), keep = Each(one => one.Wish.Keep), share = Each(one => one.Wish.Share),
                answer = Each(one => one.Wish.Answer), asked = Each(one => one.Wish.Asked), places = Each(one => one.Limit.Measure == LimitMeasure.Concurrency), holder, alive,
            },
            cancellationToken);

        T[] Each<T>(Func<(Tally Tally, Limit Limit, LeaseWish Wish), T> column) => [.. wishes.Select(column)];
    }

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

    /// <summary>Windows that never end are forgotten with what they count: a limit or a key that a snapshot, which was published well after they began, knows no more.</summary>
    /// <param name="limits">Of the snapshot.</param>
    /// <param name="keys">Of the snapshot, as owners.</param>
    /// <param name="slack">By how much the library's clock may be ahead of the database's.</param>
    /// <returns>How many.</returns>
    internal Task<int> ForgetAsync(Guid[] limits, string[] keys, DateTimeOffset published, TimeSpan slack, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            delete from limit_windows as w
            where w.ends_at = 'infinity' and w.created_at < @published - @slack::interval
              and (not exists (select 1 from unnest(@limits::uuid[]) as l (id) where l.id = w.limit_id)
                or (w.owner like 'key:%' and not exists (select 1 from unnest(@keys::text[]) as k (owner) where k.owner = w.owner)))
            """,
            new { limits, keys, published, slack },
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

    /// <summary>How the windows that are not over stand, of each limit those with most used.</summary>
    internal Task<IReadOnlyList<WindowRow>> ListWindowsAsync(Guid[] limits, DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        database.QueryAsync<WindowRow>(
            """
            select w.limit_id, w.owner, w.spent, coalesce(sum(greatest(l.granted - l.charged, 0)), 0)::bigint as leased
            from (
              select limit_id, owner, starts_at, spent, row_number() over (partition by limit_id order by spent desc, owner) as place
              from limit_windows
              where limit_id = any(@limits) and ends_at > @now and starts_at <= @now
            ) as w
            left join limit_leases as l using (limit_id, owner, starts_at)
            where w.place <= @most
            group by w.limit_id, w.owner, w.starts_at, w.spent
            """,
            new { limits, now, most },
            cancellationToken);

    private static DateTimeOffset? End(Tally tally) => tally.EndsAt == DateTimeOffset.MaxValue ? null : tally.EndsAt;
}
