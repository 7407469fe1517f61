using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Routing;

/// <summary>
/// One deployment on one worker, with the load and the failures that this gateway has seen. It outlives the snapshots that name it, so that a swap
/// forgets neither. All members are safe to call from any thread.
/// </summary>
internal sealed class Replica
{
    private static readonly TimeSpan FirstEjection = TimeSpan.FromSeconds(1);

    private readonly Uri[] _targets;
    private int _inFlight;
    private int _failures;
    private long _ejectedUntil;

    public Replica(string id, Uri baseUrl)
    {
        Id = id;
        BaseUrl = baseUrl;
        _targets = [.. Operation.All.Select(operation => new Uri(baseUrl, operation.Path))];
    }

    public string Id { get; }

    public Uri BaseUrl { get; }

    public int InFlight => Volatile.Read(ref _inFlight);

    public Uri Target(Operation operation) => _targets[operation.Index];

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);

    public bool IsEjected(long now) => Volatile.Read(ref _ejectedUntil) > now;

    /// <summary>When it may be tried again, in the time provider's ticks.</summary>
    public long EjectedUntil => Volatile.Read(ref _ejectedUntil);

    /// <summary>It refused: for a second, then two, then four, at most <paramref name="longest"/>, others are asked.</summary>
    public void Eject(TimeProvider time, TimeSpan longest)
    {
        var now = time.GetTimestamp();
        if (IsEjected(now))
        {
            // The requests that were under way when it died count as one failure.
            return;
        }

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
