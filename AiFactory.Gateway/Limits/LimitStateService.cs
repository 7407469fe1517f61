using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Limits;

/// <summary>How limits stand: of the caller's project, or all for a caller of the whole factory.</summary>
/// <param name="store">Null where each gateway counts for itself.</param>
internal sealed class LimitStateService(CurrentRoutes routes, Tallies tallies, LeaseBook book, PriceTable prices, TimeProvider time, LeaseStore? store = null)
{
    /// <summary>Of limits that each key or user has for itself there may be many: those that used most.</summary>
    private const int Most = 50;

    private const decimal Millionths = 1_000_000;

    public async Task<LimitStates> ListAsync(InternalIdentity caller, string? project, CancellationToken cancellationToken)
    {
        var limits = (routes.Table?.Limits?.All ?? [])
            .Where(limit => limit.Project is { } owner ? caller.CoversProject(owner) && (project is null || owner == project) : caller.FactoryWide && project is null)
            .ToDictionary(limit => limit.Id);
        var now = time.GetUtcNow();
        var rows = store is null || limits.Count == 0 ? Local(limits) : await store.ListWindowsAsync([.. limits.Keys], now, Most, cancellationToken);

        // What nobody used yet stands there too.
        var unused = limits.Values.ExceptBy(rows.Select(row => row.LimitId), limit => limit.Id).Select(limit => new WindowRow { LimitId = limit.Id, Owner = "", Spent = 0, Leased = 0 });
        var items = rows.Concat(unused).Select(row => State(limits[row.LimitId], row, now)).OrderBy(state => state.Project, StringComparer.Ordinal).ThenBy(state => state.Name, StringComparer.Ordinal);
        return new LimitStates([.. items], prices.Currency, book.Gateways);
    }

    private WindowRow[] Local(Dictionary<Guid, Limit> limits) =>
    [
        .. tallies.All.Where(tally => limits.ContainsKey(tally.Limit.Id) && tally.EndsAt > time.GetUtcNow()).Select(tally =>
        {
            var (used, reserved, _) = tally.Figures();
            return new WindowRow { LimitId = tally.Limit.Id, Owner = tally.Owner, Spent = used, Leased = reserved };
        }),
    ];

    private LimitState State(Limit limit, WindowRow row, DateTimeOffset now)
    {
        var reserved = tallies.Find(limit.Id, row.Owner) is { } tally && tally.EndsAt > now ? tally.Figures().Reserved : 0;
        var ends = limit.WindowAt(now).EndsAt;
        var owner = row.Owner.Length > 0 ? row.Owner : limit.Owner;
        return new LimitState(
            limit.Id, limit.Name, limit.Project, LimitNames.Of(limit.Scope),
            limit.Scope == LimitScope.Key && owner?.StartsWith(Caller.KeySubject, StringComparison.Ordinal) == true ? owner[Caller.KeySubject.Length..] : owner,
            limit.Model, LimitNames.Of(limit.Measure), LimitNames.Of(limit.Period), Amount(limit, limit.Amount), Amount(limit, row.Spent), Amount(limit, reserved), Amount(limit, row.Leased),
            Amount(limit, Math.Max(0, limit.Amount - row.Spent - row.Leased)), ends == DateTimeOffset.MaxValue ? null : ends);
    }

    private static decimal Amount(Limit limit, long units) => limit.Measure == LimitMeasure.Cost ? units / Millionths : units;
}
