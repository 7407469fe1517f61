using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Routing;

/// <summary>
/// One deployment on one worker, with the load and the failures that this gateway has seen. It outlives the snapshots that name it, so that a swap
/// forgets neither. All members are safe to call from any thread.
/// </summary>
internal sealed class Replica
{
    private static readonly TimeSpan LatencyFade = TimeSpan.FromSeconds(30);

    private readonly Uri[] _targets;
    private readonly Latency _streamed = new(LatencyFade);
    private readonly Latency _whole = new(LatencyFade);
    private int _inFlight;
    private long _lastUsed;
    private long _failures;
    private volatile ReplicaFailure? _lastFailure;

    public Replica(string id, Uri baseUrl)
    {
        Id = id;
        BaseUrl = baseUrl;
        Seed = Hash.Of(id);
        _targets = [.. Operation.All.Select(operation => new Uri(baseUrl, operation.Path))];
    }

    public string Id { get; }

    public Uri BaseUrl { get; }

    /// <summary>Where it runs, as the newest snapshot says; null where nobody says.</summary>
    public string? Zone { get; set; }

    /// <summary>Its place in the order of every key, the same at each gateway.</summary>
    public ulong Seed { get; }

    public Breaker Breaker { get; } = new();

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>When a request last began here, or a look was taken, in the clock's ticks.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>How often it failed since it is known.</summary>
    public long Failures => Volatile.Read(ref _failures);

    public ReplicaFailure? LastFailure => _lastFailure;

    /// <summary>A path whose first segment has a colon would else be an address of its own (RFC 3986, section 4.2).</summary>
    public Uri Target(Operation operation, Deployment deployment) => operation.Index == Operation.NoIndex
        ? new Uri(BaseUrl, $"./{operation.Path.Replace(Operation.ModelInPath, Uri.EscapeDataString(deployment.Name), StringComparison.Ordinal)}")
        : _targets[operation.Index];

    /// <summary>To the first token of a stream, or to the whole answer: the two are not compared.</summary>
    public Latency Latency(bool stream) => stream ? _streamed : _whole;

    /// <summary>What it has told of its load.</summary>
    public ReplicaLoad Load { get; } = new();

    /// <summary>It was looked at.</summary>
    public void Touch(long now) => Volatile.Write(ref _lastUsed, now);

    public void Begin(long now)
    {
        Touch(now);
        Interlocked.Increment(ref _inFlight);
    }

    /// <summary>Something went wrong there; what follows of it, its breaker says.</summary>
    public void Failed(string reason, DateTimeOffset at)
    {
        Interlocked.Increment(ref _failures);
        _lastFailure = new ReplicaFailure(at, reason);
    }

    public void End() => Interlocked.Decrement(ref _inFlight);
}
