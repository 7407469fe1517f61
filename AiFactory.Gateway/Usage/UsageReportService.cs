using System.Globalization;
using System.Runtime.CompilerServices;
using AiFactory.Gateway.Metering;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Gateway.Usage;

internal sealed class UsageReportService(UsageReportStore store, PriceTable prices, TimeProvider time)
{
    /// <summary>What an export holds at once.</summary>
    private const int ExportPage = 2_000;

    internal async Task<Outcome<UsageReport>> ReportAsync(
        InternalIdentity caller, UsageQuery query, string? groupBy, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<UsageReport>();
        }

        var skip = 0;
        if (after is not null && !int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out skip))
        {
            return Paging.BadAfter<UsageReport>();
        }

        if (UsageGrouping.Parse(groupBy) is not { } by)
        {
            return FieldErrors.Of<UsageReport>("groupBy", UsageGrouping.Sentence);
        }

        if (Filter(caller, query, out var filter) is { } refused)
        {
            return Refuse<UsageReport>(refused);
        }

        var rows = await store.GroupAsync(filter, by, skip, limit + 1, cancellationToken);
        var total = rows[0].ToFigures();
        var items = rows.Skip(1).Take(limit).Select(row => row.ToGroup()).ToArray();
        var next = rows.Count - 1 > limit ? (skip + limit).ToString(CultureInfo.InvariantCulture) : null;
        return new UsageReport(filter.From, filter.To, prices.Currency, by.Names, total, items, next);
    }

    /// <summary>Every request that is meant, in pages read as they are taken: no statement and no memory grows with their number.</summary>
    internal Outcome<IAsyncEnumerable<IReadOnlyList<UsageRow>>> Export(InternalIdentity caller, UsageQuery query, CancellationToken cancellationToken) =>
        Filter(caller, query, out var filter) is { } refused
            ? Refuse<IAsyncEnumerable<IReadOnlyList<UsageRow>>>(refused)
            : new Outcome<IAsyncEnumerable<IReadOnlyList<UsageRow>>>.Done(PagesAsync(filter, cancellationToken));

    private Outcome<UsageFilter>? Filter(InternalIdentity caller, UsageQuery query, out UsageFilter filter)
    {
        var outcome = query.For(caller, time.GetUtcNow());
        filter = outcome is Outcome<UsageFilter>.Done { Value: var found } ? found : new UsageFilter(default, default);
        return outcome is Outcome<UsageFilter>.Done ? null : outcome;
    }

    private static Outcome<T> Refuse<T>(Outcome<UsageFilter> refused) => refused switch
    {
        Outcome<UsageFilter>.Invalid invalid => new Outcome<T>.Invalid(invalid.Errors),
        Outcome<UsageFilter>.Forbidden forbidden => new Outcome<T>.Forbidden(forbidden.Detail),
        _ => throw new InvalidOperationException($"{refused.GetType().Name} is no refusal of a filter."),
    };

    private async IAsyncEnumerable<IReadOnlyList<UsageRow>> PagesAsync(UsageFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (at, id) = (DateTimeOffset.UnixEpoch, Guid.Empty);
        while (true)
        {
            var rows = await store.ListAsync(filter, at, id, ExportPage, cancellationToken);
            yield return rows;
            if (rows.Count < ExportPage)
            {
                yield break;
            }

            (at, id) = (rows[^1].At, rows[^1].Id);
        }
    }
}
