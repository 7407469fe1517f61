namespace AiFactory.Inference.Engine;

/// <summary>When a request was queued, got a slot, gave its first token and ended.</summary>
internal sealed class GenerationTimings(TimeProvider time)
{
    private readonly long _queued = time.GetTimestamp();
    private long _admitted;
    private long _firstToken;
    private long _finished;
    private long _lastToken;

    /// <summary>From the queue to the first step that computes for it; null while it waits, for a slot or for another that computes the beginning of its prompt.</summary>
    public TimeSpan? Queue => Since(_queued, Volatile.Read(ref _admitted));

    /// <summary>From the queue to the first token; null before it.</summary>
    public TimeSpan? TimeToFirstToken => Since(_queued, Volatile.Read(ref _firstToken));

    /// <summary>From the first token to the end; null when either has not come.</summary>
    public TimeSpan? Decode => Volatile.Read(ref _firstToken) is > 0 and var first ? Since(first, Volatile.Read(ref _finished)) : null;

    /// <summary>From the queue to the end; null before it.</summary>
    public TimeSpan? Total => Since(_queued, Volatile.Read(ref _finished));

    /// <summary>The time since the call before; null for the first call. For the engine's thread, at each token.</summary>
    public TimeSpan? SinceLastToken()
    {
        var now = time.GetTimestamp();
        var since = _lastToken == 0 ? (TimeSpan?)null : time.GetElapsedTime(_lastToken, now);
        _lastToken = now;
        return since;
    }

    public void MarkAdmitted() => Volatile.Write(ref _admitted, time.GetTimestamp());

    public void MarkFirstToken() => Volatile.Write(ref _firstToken, time.GetTimestamp());

    public void MarkFinished() => Volatile.Write(ref _finished, time.GetTimestamp());

    private TimeSpan? Since(long start, long end) => end == 0 ? null : time.GetElapsedTime(start, end);
}
