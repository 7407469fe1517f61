using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.Traffic;

/// <summary>
/// What one deployment has answered since the gateway's start. A request is written down once, when its answer's last byte is out: a few additions, no lock and no allocation. The numbers only
/// grow, so whoever wants a rate takes the difference of two looks, and nobody has to keep a clock for it here. Safe to call from any thread.
/// </summary>
internal sealed class DeploymentCounts
{
    private readonly long[] _outcomes = new long[Enum.GetValues<UsageOutcome>().Length];
    private long _turnedAway;
    private long _promptTokens;
    private long _completionTokens;
    private long _cacheAsked;
    private long _cacheHits;
    private int _waiting;

    /// <summary>Of streams that were answered.</summary>
    public LatencyCounts FirstToken { get; } = new();

    /// <summary>Of all that was answered, to the last byte.</summary>
    public LatencyCounts Whole { get; } = new();

    /// <summary>Refused before any model was asked: by a limit, or by a rule.</summary>
    public long TurnedAway => Volatile.Read(ref _turnedAway);

    public long PromptTokens => Volatile.Read(ref _promptTokens);

    public long CompletionTokens => Volatile.Read(ref _completionTokens);

    public long CacheAsked => Volatile.Read(ref _cacheAsked);

    public long CacheHits => Volatile.Read(ref _cacheHits);

    /// <summary>Requests that wait for a replica to come or to come back.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public long Of(UsageOutcome outcome) => Volatile.Read(ref _outcomes[(int)outcome]);

    public void TurnAway() => Interlocked.Increment(ref _turnedAway);

    public void BeginWait() => Interlocked.Increment(ref _waiting);

    public void EndWait() => Interlocked.Decrement(ref _waiting);

    public void Ended(Exchange exchange, OperationTimes times)
    {
        var outcome = UsageMeter.OutcomeOf(exchange.Error);
        Interlocked.Increment(ref _outcomes[(int)outcome]);
        if (exchange.UsageSoFar is { } usage)
        {
            Interlocked.Add(ref _promptTokens, usage.Input ?? 0);
            Interlocked.Add(ref _completionTokens, usage.Output ?? 0);
        }

        if (exchange.Cache is not CacheMark.None and not CacheMark.Bypass)
        {
            Interlocked.Increment(ref _cacheAsked);
            Interlocked.Add(ref _cacheHits, exchange.IsFromCache ? 1 : 0);
        }

        // How soon failures come says nothing of how soon answers do.
        if (outcome == UsageOutcome.Answered)
        {
            Whole.Add(times.Total);
            if (times.FirstToken is { } first)
            {
                FirstToken.Add(first);
            }
        }
    }
}
