namespace AiFactory.Gateway.Routing;

/// <summary>
/// How much of what was asked lately could not be answered, from 0 to 1. Half of it is the last answer or failure, so that two failures in a row tell; it fades while nothing new is known. Races lose a
/// sample and no more.
/// </summary>
/// <param name="fadeTime">In which it falls by the factor e while nothing new is known.</param>
internal sealed class Failing(TimeSpan fadeTime)
{
    /// <summary>What is less is nothing: where nothing fails, nothing is written.</summary>
    private const double Least = 0.001;

    private readonly double _fadeSeconds = fadeTime.TotalSeconds;

    private double _share;
    private long _at;

    public void Add(bool failed, long now, long frequency)
    {
        var share = Share(now, frequency);
        if (failed || share > 0)
        {
            Volatile.Write(ref _share, (share + (failed ? 1 : 0)) / 2);
            Volatile.Write(ref _at, now);
        }
    }

    public double Share(long now, long frequency)
    {
        var share = Volatile.Read(ref _share);
        share = share == 0 ? 0 : share * Math.Exp(-Math.Max(0, now - Volatile.Read(ref _at)) / (_fadeSeconds * frequency));
        return share < Least ? 0 : share;
    }
}
