namespace AiFactory.Gateway.Routing;

/// <summary>
/// A moving mean of the time to the first token, in milliseconds. It fades while nothing new is known, so that a replica that was slow is asked again.
/// Races lose a sample and no more.
/// </summary>
internal sealed class Latency
{
    private const double Weight = 0.2;
    private static readonly TimeSpan FadeTime = TimeSpan.FromSeconds(30);

    private double _mean;
    private long _at;

    public void Add(TimeSpan sample, long now)
    {
        var mean = Volatile.Read(ref _mean);
        Volatile.Write(ref _mean, mean == 0 ? sample.TotalMilliseconds : mean + (Weight * (sample.TotalMilliseconds - mean)));
        Volatile.Write(ref _at, now);
    }

    public double Milliseconds(long now, long frequency)
    {
        var mean = Volatile.Read(ref _mean);
        return mean == 0 ? 0 : mean * Math.Exp(-Math.Max(0, now - Volatile.Read(ref _at)) / (FadeTime.TotalSeconds * frequency));
    }
}
