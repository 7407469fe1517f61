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
    private readonly Limit[] _ofFactory;

    private LimitTable(Limit[] all)
    {
        All = all;
        _ofFactory = [.. all.Where(limit => limit.Project is null).Take(MostOfOne)];
        _ofProject = all.Where(limit => limit.Project is not null).GroupBy(limit => limit.Project ?? "").ToFrozenDictionary(group => group.Key, group => group.Take(MostOfOne).ToArray(), StringComparer.Ordinal);
    }

    public IReadOnlyList<Limit> All { get; }

    /// <returns>Null where there is no limit at all.</returns>
    public static LimitTable? Compile(IReadOnlyList<LimitRoute>? routes, Action<string> refuse)
    {
        var limits = new List<Limit>(routes?.Count ?? 0);
        foreach (var route in routes ?? [])
        {
            if (Limit.From(route) is { } limit)
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

    /// <summary>Those that requests of this project may count against: the project's own, then the factory's.</summary>
    public (Limit[] OfProject, Limit[] OfFactory) Of(string project) => (_ofProject.GetValueOrDefault(project) ?? [], _ofFactory);
}
