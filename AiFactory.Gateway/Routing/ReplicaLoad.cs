namespace AiFactory.Gateway.Routing;

/// <summary>What one replica has told of its load, and how much of that still counts. Safe to call from any thread.</summary>
internal sealed class ReplicaLoad
{
    /// <summary>In so long what was told comes to count a third: requests end in seconds, and who told of a queue is to be asked again.</summary>
    private static readonly TimeSpan FadeTime = TimeSpan.FromSeconds(3);

    /// <summary>Between two questions, so that a busy replica's answers carry no more headers than are read.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>After so many times the fade's there is nothing left worth a computation.</summary>
    private const double Forgotten = 6;

    private volatile ToldLoad? _told;
    private long _askedAt;

    /// <summary>What it told last, however old.</summary>
    public ToldLoad? Told => _told;

    /// <summary>When a request asked for it last, in the clock's ticks; 0 where none has.</summary>
    public long AskedAt => Volatile.Read(ref _askedAt);

    /// <returns>Whether the next request asks for it.</returns>
    public bool ShouldAsk(long now, long frequency)
    {
        if (AskedAt is not 0 and var last && now - last < AskInterval.TotalSeconds * frequency)
        {
            return false;
        }

        Volatile.Write(ref _askedAt, now);
        return true;
    }

    /// <param name="own">Those of our requests that it has told of among the others': they are known better here.</param>
    public void Hear(LoadReport report, int own, long now) => _told = new ToldLoad(report, Math.Max(0, (report.Waiting ?? 0) + (report.Running ?? 0) - Math.Max(0, own)), now);

    /// <summary>1 for what was told this moment, 0 for what is forgotten.</summary>
    public static double Weight(ToldLoad told, long now, long frequency)
    {
        var age = Math.Max(0, now - told.At) / (FadeTime.TotalSeconds * frequency);
        return age > Forgotten ? 0 : Math.Exp(-age);
    }
}
