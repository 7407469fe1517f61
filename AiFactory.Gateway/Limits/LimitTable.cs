using System.Collections.Frozen;
using AiFactory.Contracts.Routing;

namespace AiFactory.Gateway.Limits;

/// <summary>The limits of a snapshot, by whose requests they are about.</summary>
internal sealed class LimitTable
{
    /// <summary>Of one project, and of the factory: as many as the library lets be made.</summary>
    private const int MostOfOne = 16;

    /// <summary>No request is held against more.</summary>
    public const int MostOfRequest = 2 * MostOfOne;

    private readonly FrozenDictionary<string, Limit[]> _ofProject;
    private readonly FrozenDictionary<string, Limit[]> _whole;
    private readonly Limit[] _ofFactory;
    private readonly FrozenSet<Guid> _ids;

    private LimitTable(Limit[] all)
    {
        All = all;
        _ids = all.Select(limit => limit.Id).ToFrozenSet();
        _ofFactory = [.. all.Where(limit => limit.Project is null).Take(MostOfOne)];
        _ofProject = all.Where(limit => limit.Project is not null).GroupBy(limit => limit.Project ?? "").ToFrozenDictionary(group => group.Key, group => group.Take(MostOfOne).ToArray(), StringComparer.Ordinal);
        _whole = _ofProject.ToFrozenDictionary(project => project.Key, project => (Limit[])[.. project.Value, .. _ofFactory], StringComparer.Ordinal);
    }

    public IReadOnlyList<Limit> All { get; }

    public bool Has(Guid limit) => _ids.Contains(limit);

    /// <returns>Null where there is no limit at all.</returns>
    public static LimitTable? Compile(IReadOnlyList<LimitRoute>? routes, Action<string> refuse)
    {
        var limits = new List<Limit>(routes?.Count ?? 0);
        var compiledAt = LeaseBook.Now;
        foreach (var route in routes ?? [])
        {
            if (Limit.From(route, compiledAt) is { } limit)
            {
                limits.Add(limit);
            }
            else
            {
                refuse($"limit {route.Id}: its scope '{route.Scope}', measure '{route.Measure}', period '{route.Period}' or amount {route.Amount} is not known here, and nothing is held against it");
            }
        }

        return limits.Count == 0 ? null : new LimitTable([.. limits]);
    }

    /// <summary>Those that a request may count against: of projects by the one that it is charged to, of keys and users by the caller's own, and the factory's.</summary>
    public IEnumerable<Limit> Of(string charged, string own)
    {
        if (charged == own)
        {
            return _whole.GetValueOrDefault(charged) ?? _ofFactory;
        }

        return (_ofProject.GetValueOrDefault(charged) ?? []).Where(limit => limit.Scope == LimitScope.Project)
            .Concat((_ofProject.GetValueOrDefault(own) ?? []).Where(limit => limit.Scope != LimitScope.Project))
            .Concat(_ofFactory);
    }
}
