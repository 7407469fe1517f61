using System.Collections.Concurrent;
using System.Globalization;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>What clients saw.</summary>
internal sealed class SoakTally
{
    private const int MostSamples = 40;

    private readonly ConcurrentDictionary<(string Kind, string Outcome), long> _outcomes = new();
    private readonly ConcurrentDictionary<long, int> _answered = new();
    private long _last;
    private long _asked;
    private long _unexpected;
    private long _behind;
    private long _worked;
    private int _open;

    public const string Answered = "answered";
    public const string Broken = "broken";
    public const string Left = "left";

    /// <summary>Stands in <see cref="AnsweredWith"/> for an answer whose tokens are not known here.</summary>
    public const int UnknownTokens = -1;

    public long Asked => Volatile.Read(ref _asked);

    public long Unexpected => Volatile.Read(ref _unexpected);

    /// <summary>Requests that were not made, for too many were under way.</summary>
    public long Behind => Volatile.Read(ref _behind);

    public int Open => Volatile.Read(ref _open);

    /// <summary>Requests of batches and jobs that came back answered.</summary>
    public long Worked => Volatile.Read(ref _worked);

    /// <summary>Some of what nobody planned.</summary>
    public ConcurrentQueue<string> Samples { get; } = new();

    /// <summary>By a request's key: the answer's tokens.</summary>
    public IReadOnlyDictionary<long, int> AnsweredWith => _answered;

    public long Last => Volatile.Read(ref _last);

    public IEnumerable<(string Kind, string Outcome, long Count)> Outcomes => _outcomes.Select(one => (one.Key.Kind, one.Key.Outcome, one.Value));

    public long Next() => Interlocked.Increment(ref _last);

    public void FellBehind() => Interlocked.Increment(ref _behind);

    public void Begin() => Interlocked.Increment(ref _open);

    public void End() => Interlocked.Decrement(ref _open);

    /// <param name="tokens">Of an answer that the ledger has a record of.</param>
    public void WasAnswered(long key, int tokens) => _answered[key] = tokens;

    public void WasWorked(long requests) => Interlocked.Add(ref _worked, requests);

    public void Count(SoakKind kind, string outcome)
    {
        Interlocked.Increment(ref _asked);
        _outcomes.AddOrUpdate((kind.Name, outcome), 1, (_, count) => count + 1);
        if (!kind.Expected.Contains(outcome))
        {
            Interlocked.Increment(ref _unexpected);
            if (Samples.Count < MostSamples)
            {
                Samples.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{kind.Name}: {outcome}"));
            }
        }
    }

    /// <param name="outcome">Null for all.</param>
    public long CountOf(string kind, string? outcome = null) => _outcomes.Where(one => one.Key.Kind == kind && (outcome is null || one.Key.Outcome == outcome)).Sum(one => one.Value);

    /// <summary>How many ended so, of those that were planned to.</summary>
    public long Sum(Func<string, bool> outcome) => _outcomes.Where(one => outcome(one.Key.Outcome)).Sum(one => one.Value);
}
