namespace AiFactory.Gateway.Routing;

/// <summary>How many requests one more would stand among at a replica, itself counted: the one score by which replicas are compared.</summary>
/// <param name="Own">This gateway's that are under way there now.</param>
/// <param name="Others">Those of others that the replica has told of, as far as that still counts.</param>
/// <param name="Pressure">1; more where it has told that its cache is nearly full: who comes then waits for another's end, or has one of them begin anew.</param>
internal readonly record struct Burden(int Own, double Others, double Pressure)
{
    /// <summary>However many it tells of: one that tells nonsense is left, and one that tells the truth is as well left for a thousand.</summary>
    private const double MostOthers = 1000;

    /// <summary>A cache that is fuller than this makes requests dearer.</summary>
    private const double FullFrom = 0.8;

    /// <summary>So many times dearer at most.</summary>
    private const double MostPressure = 4;

    public double Total => (Own + Others + 1) * Pressure;

    /// <summary>What counts for it beside what is known here anyway.</summary>
    public double Told => Total - Own - 1;

    public static Burden Of(Replica replica, long now, long frequency)
    {
        if (replica.Load.Told is not { } told || ReplicaLoad.Weight(told, now, frequency) is not (> 0 and var weight))
        {
            return new Burden(replica.InFlight, 0, 1);
        }

        var fullness = Math.Max(0, (told.Report.CacheUse ?? 0) - FullFrom) / (1 - FullFrom);
        return new Burden(replica.InFlight, Math.Min(told.Others, MostOthers) * weight, 1 + ((MostPressure - 1) * fullness * weight));
    }
}
