namespace AiFactory.Gateway.Routing;

/// <summary>
/// A moving mean of the time to the first token, in milliseconds. It begins at nothing and rises no faster than to its double, so that one slow answer (a connection's first, a
/// collector's pause) does not brand a replica; it falls faster, and fades while nothing new is known, so that one that was slow is asked again. What is new
/// weighs the more the longer nothing was known, so that what has faded does not come back with it. Races lose a sample and no more.
/// </summary>
/// <param name="fadeTime">In which what is known falls by the factor e while nothing new is.</param>
internal sealed class Latency(TimeSpan fadeTime)
{
    private const double Rise = 0.2;
    private const double Fall = 0.5;

    /// <summary>What the mean may rise by from nothing.</summary>
    private const double Step = 50;

    private readonly double _fadeSeconds = fadeTime.TotalSeconds;

    private double _mean;
    private long _at;

    public void Add(TimeSpan sample, long now, long frequency)
    {
        var mean = Volatile.Read(ref _mean);
        var heard = Math.Min(sample.TotalMilliseconds, (2 * mean) + Step);
        var at = Volatile.Read(ref _at);
        var kept = (1 - (heard < mean ? Fall : Rise)) * (at == 0 ? 1 : Remains(now - at, frequency));
        Volatile.Write(ref _mean, heard + (kept * (mean - heard)));
        Volatile.Write(ref _at, now);
    }

    public double Milliseconds(long now, long frequency) =>
        Volatile.Read(ref _mean) * Remains(now - Volatile.Read(ref _at), frequency);

    /// <summary>How much of what was known then counts now.</summary>
    private double Remains(long since, long frequency) => Math.Exp(-Math.Max(0, since) / (_fadeSeconds * frequency));
}
