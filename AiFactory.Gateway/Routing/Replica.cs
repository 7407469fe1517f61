using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Routing;

/// <summary>
/// One deployment on one worker, with the load and the failures that this gateway has seen. It outlives the snapshots that name it, so that a swap
/// forgets neither. All members are safe to call from any thread.
/// </summary>
internal sealed class Replica
{
    private static readonly TimeSpan FirstEjection = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TrialTime = TimeSpan.FromSeconds(1);

    private readonly Uri[] _targets;
    private int _inFlight;
    private int _failures;
    private long _ejectedUntil;
    private long _lastFailure = long.MinValue;

    public Replica(string id, Uri baseUrl)
    {
        Id = id;
        BaseUrl = baseUrl;
        _targets = [.. Operation.All.Select(operation => new Uri(baseUrl, operation.Path))];
    }

    public string Id { get; }

    public Uri BaseUrl { get; }

    public int InFlight => Volatile.Read(ref _inFlight);

    public Uri Target(Operation operation) => operation.Index == Operation.NoIndex ? new Uri(BaseUrl, operation.Path) : _targets[operation.Index];

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);

    public bool IsEjected(long now) => Volatile.Read(ref _ejectedUntil) > now;

    /// <summary>
    /// Whether a request may go to it now. One that has refused gets a single request when its ejection ends; the others come once that one succeeded, or
    /// one more in the next second.
    /// </summary>
    public bool TryEnter(long now, TimeProvider time)
    {
        if (Volatile.Read(ref _failures) == 0)
        {
            return true;
        }

        var until = Volatile.Read(ref _ejectedUntil);
        return until <= now
            && Interlocked.CompareExchange(ref _ejectedUntil, now + (long)(TrialTime.TotalSeconds * time.TimestampFrequency), until) == until;
    }

    /// <summary>When it may be tried again, in the time provider's ticks.</summary>
    public long EjectedUntil => Volatile.Read(ref _ejectedUntil);

    /// <summary>It refused: for a second, then two, then four, at most <paramref name="longest"/>, others are asked.</summary>
    /// <param name="entered">When the request that failed was let in: those that were under way together count as one failure.</param>
    public void Eject(long entered, TimeProvider time, TimeSpan longest)
    {
        if (entered < Volatile.Read(ref _lastFailure))
        {
            return;
        }

        var now = time.GetTimestamp();
        Volatile.Write(ref _lastFailure, now);
        var failures = Interlocked.Increment(ref _failures);
        var seconds = Math.Min(FirstEjection.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 10)), longest.TotalSeconds);
        Volatile.Write(ref _ejectedUntil, now + (long)(seconds * time.TimestampFrequency));
    }

    public void Succeeded()
    {
        if (Volatile.Read(ref _failures) != 0)
        {
            Volatile.Write(ref _failures, 0);
            Volatile.Write(ref _ejectedUntil, 0);
        }
    }
}
