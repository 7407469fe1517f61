using System.Collections.Concurrent;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Limits;

/// <summary>What this gateway counts now. It outlives the snapshots, whose limits change under it.</summary>
internal sealed class Tallies(LeaseBook book, TimeProvider time)
{
    private readonly ConcurrentDictionary<(Guid Limit, string Owner), Tally> _current = new();

    public IEnumerable<Tally> All => _current.Values;

    public Tally? Find(Guid limit, string owner) => _current.GetValueOrDefault((limit, owner));

    /// <summary>The tally of the window that is now.</summary>
    /// <param name="isNew">Whether it has nothing to give yet, or another amount than it had.</param>
    public Tally Find(Limit limit, string owner, out bool isNew)
    {
        var now = time.GetUtcNow();
        while (true)
        {
            if (_current.TryGetValue((limit.Id, owner), out var tally) && now < tally.EndsAt)
            {
                isNew = tally.Follow(limit);
                return tally;
            }

            var (starts, ends) = limit.WindowAt(now);
            var next = new Tally(limit, owner, starts, ends, book.IsAlone);
            if (tally is null ? _current.TryAdd((limit.Id, owner), next) : _current.TryUpdate((limit.Id, owner), next, tally))
            {
                tally?.TryClose(force: true);
                isNew = true;
                return next;
            }
        }
    }

    /// <summary>Forgets those whose time is over, those that hold nothing, and those of limits and keys that are no more: they would hold for ever what they were granted.</summary>
    /// <param name="table">Null where nothing is known of which there are.</param>
    public void Sweep(RoutingTable? table)
    {
        var now = time.GetUtcNow();
        foreach (var (key, tally) in _current)
        {
            var isOver = now >= tally.EndsAt || (table is not null && (table.Limits?.Has(key.Limit) != true || (IsKey(key.Owner) && !table.KeysByLine.ContainsKey(key.Owner))));
            if (tally.TryClose(force: isOver))
            {
                _current.TryRemove(new KeyValuePair<(Guid, string), Tally>(key, tally));
            }
        }
    }

    private static bool IsKey(string owner) => owner.StartsWith(Caller.KeySubject, StringComparison.Ordinal);

    /// <summary>Forgets all: what was granted is not ours any more.</summary>
    public void Clear()
    {
        foreach (var (key, tally) in _current)
        {
            tally.TryClose(force: true);
            _current.TryRemove(new KeyValuePair<(Guid, string), Tally>(key, tally));
        }
    }
}
