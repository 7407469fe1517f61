namespace AiFactory.Gateway.Routing;

/// <summary>A count over a sliding window, in one number: what happened a window ago weighs 1/e of what happens now. Not safe for threads by itself.</summary>
internal struct DecayingCount
{
    private double _value;
    private long _at;

    public readonly double At(long now, long window) => _value * Math.Exp(-(double)Math.Max(0, now - _at) / window);

    public void Add(double count, long now, long window)
    {
        _value = At(now, window) + count;
        _at = now;
    }
}
