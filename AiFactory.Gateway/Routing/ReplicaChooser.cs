namespace AiFactory.Gateway.Routing;

/// <summary>
/// Chooses a replica: first one that knows the request's beginning, unless it has more than its part of the load; else the better of two
/// (Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001), by the requests that are there (<see cref="Burden"/>) and the time to the first token.
/// </summary>
/// <param name="zone">The gateway's; null where it is not said.</param>
internal sealed class ReplicaChooser(BreakerRules rules, TimeProvider time, string? zone = null)
{
    /// <summary>How far above the mean load a replica may be and still be chosen for its prefix (Mirrokni et al., Consistent Hashing with Bounded Loads, 2018).</summary>
    private const double LoadBound = 1.25;

    /// <summary>A worker decodes several requests at once: so many are no load that a warm prefix should give way to.</summary>
    private const int FreeLoad = 4;

    /// <summary>Times to the first token below this, and differences of less than half of them, are noise.</summary>
    private const double NoiseMilliseconds = 50;

    /// <summary>One choice of so many is made without the pace.</summary>
    private const int Exploration = 16;

    /// <summary>Less of it decides nothing that is worth a word.</summary>
    private const double NotablePressure = 0.1;

    private uint _turn;

    /// <returns>Null when none that is not in <paramref name="tried"/> may be asked now.</returns>
    public Replica? Choose(Deployment deployment, Affinity affinity, bool stream, List<Replica>? tried, out ChoiceReason reason)
    {
        // 1. Of those nearby, where the deployment prefers them and they have room.
        var now = time.GetTimestamp();
        if (zone is not null && deployment is { Route.Routing.PreferZone: true } && deployment.Near(zone) is { Length: > 0 } near && near.Length < deployment.Replicas.Length && HasRoom(near, deployment.Replicas, tried, now)
            && Choose(near, affinity, stream, tried, now, out reason) is { } nearby)
        {
            reason = reason is ChoiceReason.Load or ChoiceReason.Latency or ChoiceReason.Queue or ChoiceReason.Cache or ChoiceReason.Only ? ChoiceReason.Zone : reason;
            return nearby;
        }

        // 2. Of all.
        return Choose(deployment.Replicas, affinity, stream, tried, now, out reason);
    }

    /// <summary>A second one for a request whose first is late: sound, and not asked for it yet. The trial of one that was set aside is no help.</summary>
    public Replica? ChooseSecond(Deployment deployment, bool stream, Replica first, List<Replica>? tried)
    {
        var now = time.GetTimestamp();
        var free = Array.FindAll(deployment.Replicas, replica => replica != first && replica.Breaker.IsClosed && tried?.Contains(replica) is not true);
        var chosen = free.Length > 1 ? ChooseOfTwo(free, stream, tried: null, now, out _) : free.FirstOrDefault();
        return chosen?.Breaker.TryEnter(now, rules) == true ? chosen : null;
    }

    /// <summary>Nearness gives way where a known prompt does: to a load of which another would have less.</summary>
    private bool HasRoom(Replica[] near, Replica[] replicas, List<Replica>? tried, long now)
    {
        var most = Most(replicas, now);
        foreach (var replica in near)
        {
            if (Weigh(replica, now).Total - 1 < most && IsFree(replica, tried, now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// What a replica may have and still be asked for what it knows. The one that tells of the most counts as the next one does: else one that tells nonsense would raise the mean, and all others kept what they have.
    /// </summary>
    private double Most(Replica[] replicas, long now)
    {
        var (load, most, second) = (1.0, 0.0, 0.0);
        foreach (var replica in replicas)
        {
            var burden = Weigh(replica, now);
            load += burden.Total - 1;
            (most, second) = burden.Told > most ? (burden.Told, most) : (most, Math.Max(second, burden.Told));
        }

        return Math.Max(FreeLoad, LoadBound * (load - (most - second)) / replicas.Length);
    }

    private Burden Weigh(Replica replica, long now) => Burden.Of(replica, now, time.TimestampFrequency);

    private Replica? Choose(Replica[] replicas, Affinity affinity, bool stream, List<Replica>? tried, long now, out ChoiceReason reason)
    {
        if (replicas.Length > 1 && affinity.Key != 0 && ChooseKnown(replicas, affinity, tried, now) is { } known && known.Breaker.TryEnter(now, rules))
        {
            reason = tried is null ? affinity.Reason : ChoiceReason.Failover;
            return known;
        }

        if (replicas.Length > 1 && ChooseOfTwo(replicas, stream, tried, now, out reason) is { } better && Enter(better, tried, now, ref reason))
        {
            return better;
        }

        return ChooseAny(replicas, tried, now, out reason);
    }

    /// <summary>One that asked for time, where all are set aside: see <see cref="Breaker.TryAsk"/>.</summary>
    public Replica? ChoosePaused(Deployment deployment, List<Replica>? tried)
    {
        var now = time.GetTimestamp();
        return Array.TrueForAll(deployment.Replicas, replica => replica.Breaker.IsOpen(now))
            ? Array.Find(deployment.Replicas, replica => tried?.Contains(replica) is not true && replica.Breaker.TryAsk(now, rules))
            : null;
    }

    /// <summary>For what may as well be left out: the trial of one that is set aside is left to a client's request.</summary>
    public Replica? ChooseSpare(Deployment deployment, bool stream)
    {
        var now = time.GetTimestamp();
        var free = Array.FindAll(deployment.Replicas, replica => !replica.Breaker.IsOpen(now));
        return free.Length > 1 ? ChooseOfTwo(free, stream, tried: null, now, out _) : free.FirstOrDefault();
    }

    private static bool IsFree(Replica replica, List<Replica>? tried, long now) => !replica.Breaker.IsOpen(now) && tried?.Contains(replica) is not true;

    private Replica? ChooseKnown(Replica[] replicas, Affinity affinity, List<Replica>? tried, long now)
    {
        var most = Most(replicas, now);
        Replica? best = null;
        var rank = 0ul;
        foreach (var replica in replicas)
        {
            // One that is half-open is not chosen for what it knows: it may have lost it.
            if (Weigh(replica, now).Total - 1 < most && replica.Breaker.IsClosed && tried?.Contains(replica) is not true && affinity.Rank(replica) is var own && (best is null || own > rank))
            {
                (best, rank) = (replica, own);
            }
        }

        return best;
    }

    private Replica? ChooseOfTwo(Replica[] replicas, bool stream, List<Replica>? tried, long now, out ChoiceReason reason)
    {
        // The first in turn and not at random: where nothing tells two apart, each gets the same number of requests.
        var first = (int)(Interlocked.Increment(ref _turn) % (uint)replicas.Length);
        var second = Random.Shared.Next(replicas.Length - 1);
        second += second >= first ? 1 : 0;
        var (a, b) = (replicas[first], replicas[second]);
        reason = ChoiceReason.Load;
        switch (IsFree(a, tried, now), IsFree(b, tried, now))
        {
            case (true, false):
                return a;
            case (false, true):
                return b;
            case (false, false):
                return null;
        }

        // Now and then the pace is left aside: a replica that is never asked would stay slow for ever.
        var (paceA, paceB) = Random.Shared.Next(Exploration) == 0 ? (1, 1) : (Pace(a, stream, now), Pace(b, stream, now));
        var (burdenA, burdenB) = (Weigh(a, now), Weigh(b, now));
        var (allA, allB) = (burdenA.Total * paceA, burdenB.Total * paceB);
        var isB = allB < allA;
        if (isB == (burdenB.Own + 1) * paceB < (burdenA.Own + 1) * paceA)
        {
            reason = paceA == paceB ? ReasonOf(burdenA, burdenB) : ChoiceReason.Latency;
            return isB ? b : a;
        }

        // Only what they told speaks for this one. Other gateways were told the same: were it not left to chance, in proportion, all would go to the one replica that was idle a moment ago.
        isB = Random.Shared.NextDouble() * (allA + allB) < allA;
        reason = isB == allB < allA ? ReasonOf(burdenA, burdenB) : ChoiceReason.Load;
        return isB ? b : a;
    }

    /// <summary>What tells two of the same pace apart.</summary>
    private static ChoiceReason ReasonOf(Burden a, Burden b) =>
        Math.Abs(a.Others - b.Others) >= 1 ? ChoiceReason.Queue
        : Math.Abs(a.Pressure - b.Pressure) >= NotablePressure ? ChoiceReason.Cache
        : ChoiceReason.Load;

    /// <summary>The time to the first token in steps of a factor of 1.4; 1 for all that is quick.</summary>
    private double Pace(Replica replica, bool stream, long now)
    {
        var noise = replica.Latency(stream).Milliseconds(now, time.TimestampFrequency) / NoiseMilliseconds;
        return noise <= 1 ? 1 : Math.Pow(2, Math.Floor(2 * Math.Log2(noise)) / 2);
    }

    private Replica? ChooseAny(Replica[] replicas, List<Replica>? tried, long now, out ChoiceReason reason)
    {
        reason = replicas.Length > 1 ? ChoiceReason.Load : ChoiceReason.Only;
        var start = (int)(Interlocked.Increment(ref _turn) % (uint)Math.Max(1, replicas.Length));
        for (var i = 0; i < replicas.Length; i++)
        {
            var replica = replicas[(start + i) % replicas.Length];
            if (IsFree(replica, tried, now) && Enter(replica, tried, now, ref reason))
            {
                return replica;
            }
        }

        return null;
    }

    private bool Enter(Replica replica, List<Replica>? tried, long now, ref ChoiceReason reason)
    {
        if (!replica.Breaker.IsClosed)
        {
            reason = ChoiceReason.Trial;
        }
        else if (tried is not null)
        {
            reason = ChoiceReason.Failover;
        }

        return replica.Breaker.TryEnter(now, rules);
    }
}
