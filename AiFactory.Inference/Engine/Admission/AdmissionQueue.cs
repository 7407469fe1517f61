using System.Diagnostics.CodeAnalysis;

namespace AiFactory.Inference.Engine.Admission;

/// <summary>
/// Requests that wait for an engine. 1. The lowest priority number is first; one class waits for another no longer than <paramref name="aging"/> for each number between them, then one of
/// its requests has a turn. 2. In a class the project that had the fewest tokens is first. 3. In a project they go in the order in which they came. Callers hold a lock.
/// </summary>
/// <param name="limit">Requests that may wait. The last eighth, rounded, is kept for projects of which none waits: nobody fills the queue for all.</param>
/// <param name="longestWait">From then on nobody waits any more, whatever their terms say.</param>
internal sealed class AdmissionQueue<T>(int limit, TimeSpan aging, TimeSpan longestWait, TimeProvider time)
    where T : notnull
{
    private readonly SortedDictionary<int, PriorityClass<T>> _classes = [];

    // Of each class its own: what urgent requests had would be a level at which all projects of the others are equal.
    private readonly Dictionary<int, TokenShares> _shares = [];
    private long _number;
    private long _nextDeadline = long.MaxValue;

    public int Count { get; private set; }

    /// <summary>What all that wait are likely to cost.</summary>
    public long Tokens { get; private set; }

    /// <param name="tokens">What it is likely to cost.</param>
    /// <param name="free">Places in the engine that are free at this moment, so that those who will not wait are not counted; less those who had to leave theirs, and wait too. With those of whom a part computes while the rest waits here.</param>
    /// <returns>False when too many wait.</returns>
    public bool TryAdd(T item, RequestTerms terms, int tokens, int free)
    {
        var room = limit + free - Count;
        if (room <= 0 || (room <= (limit + 4) / 8 && _classes.Values.Any(other => other.Has(terms.Project))))
        {
            return false;
        }

        var patience = terms.Patience < longestWait ? terms.Patience.Value : longestWait;
        Add(new Waiting<T>(item, terms, tokens, _number++, time.GetTimestamp() + (long)(patience.TotalSeconds * time.TimestampFrequency)));
        return true;
    }

    /// <summary>It has had its turn for a part of what it asks, and waits for the rest's: behind the others of its project and without a deadline, for who comes later cannot pass it for ever. It takes a place of the limit, as before its turn.</summary>
    /// <param name="tokens">What the rest is likely to cost: the project was charged for it with the turn, and is given it back.</param>
    public void AddRest(T item, RequestTerms terms, int tokens)
    {
        Settle(terms, -tokens);
        Add(new Waiting<T>(item, terms, tokens, _number++, long.MaxValue));
    }

    /// <summary>Who is next for a place that is free.</summary>
    public bool TryPeek([NotNullWhen(true)] out Waiting<T>? next)
    {
        next = _classes.Values.MinBy(Rank) is { } first ? first.Next(SharesOf(first.Priority)) : null;
        return next is not null;
    }

    /// <summary>Who is next of those for whom what is left of a place is enough. The others keep their turn.</summary>
    public bool TryPeek(Func<T, bool> fits, [NotNullWhen(true)] out Waiting<T>? next)
    {
        next = _classes.Values.OrderBy(Rank).Select(own => own.Next(SharesOf(own.Priority), fits)).FirstOrDefault(found => found is not null);
        return next is not null;
    }

    /// <summary>Who is next for a place that another would have to leave, which how long they wait is no reason for.</summary>
    /// <param name="below">Only priorities below this.</param>
    public bool TryPeekUrgent(int below, [NotNullWhen(true)] out Waiting<T>? next)
    {
        var first = _classes.Values.FirstOrDefault();
        next = first?.Priority < below ? first.Next(SharesOf(first.Priority)) : null;
        return next is not null;
    }

    /// <summary>Its turn has come.</summary>
    public void Take(Waiting<T> next)
    {
        SharesOf(next.Terms.Priority).Start(next.Terms.Project, next.Tokens);
        if (_classes.TryGetValue(next.Terms.Priority, out var own))
        {
            own.LastTurn = time.GetTimestamp();
        }

        Remove(next);
    }

    /// <summary>A request has cost more, or less, than what was thought of when its turn came.</summary>
    public void Settle(RequestTerms terms, int tokens) => SharesOf(terms.Priority).Add(terms.Project, tokens);

    /// <summary>Removes those whose deadline has passed. To be called often: it looks at the clock only, until one has.</summary>
    public IReadOnlyList<T> RemoveOverdue()
    {
        var now = time.GetTimestamp();
        return now < _nextDeadline ? [] : RemoveAll(waiting => waiting.Deadline <= now);
    }

    public IReadOnlyList<T> RemoveAll(Func<Waiting<T>, bool> condition)
    {
        var found = _classes.Values.SelectMany(own => own.All()).Where(condition).ToList();
        found.ForEach(Remove);
        _nextDeadline = _classes.Values.SelectMany(own => own.All()).Select(waiting => waiting.Deadline).DefaultIfEmpty(long.MaxValue).Min();
        return [.. found.Select(waiting => waiting.Item)];
    }

    private void Add(Waiting<T> waiting)
    {
        if (!_classes.TryGetValue(waiting.Terms.Priority, out var own))
        {
            _classes.Add(waiting.Terms.Priority, own = new PriorityClass<T>(waiting.Terms.Priority, time.GetTimestamp()));
        }

        own.Add(waiting);
        _nextDeadline = Math.Min(_nextDeadline, waiting.Deadline);
        Count++;
        Tokens += waiting.Tokens;
    }

    private TokenShares SharesOf(int priority)
    {
        if (!_shares.TryGetValue(priority, out var shares))
        {
            _shares.Add(priority, shares = new TokenShares());
        }

        return shares;
    }

    private double Rank(PriorityClass<T> own) => own.Priority - (time.GetElapsedTime(own.LastTurn) / aging);

    private void Remove(Waiting<T> waiting)
    {
        if (_classes.TryGetValue(waiting.Terms.Priority, out var own))
        {
            own.Remove(waiting);
            Count--;
            Tokens -= waiting.Tokens;
            if (own.IsEmpty)
            {
                _classes.Remove(own.Priority);
            }
        }
    }
}
