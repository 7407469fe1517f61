namespace AiFactory.Gateway.Routing;

/// <summary>
/// Chooses among deployments by how soon they answered lately: by chance, with the chances <c>share x (soonest / own)^4</c>. One that takes 1.2 times as long gets half as many requests for its share, one that
/// takes twice as long a sixteenth. One that fails is as one that takes four times as long as the latest: its refusals come soon, and others have to make them good. So load that
/// makes one slower moves on bit by bit, and not all of it at once from one to the other; no chance is below a 64th, by which one that has recovered is found out.
/// </summary>
internal sealed class SoonestChooser(TimeProvider time)
{
    private const double Least = 1.0 / 64;

    /// <summary>Times below this are alike.</summary>
    private const double NoiseMilliseconds = 50;

    /// <summary>What takes so many times as long is called later.</summary>
    private const double Notable = 1.2;

    /// <summary>One that never answers takes so many times as long as the latest: more than the chance of a 64th needs.</summary>
    private const double Failed = 4;

    /// <returns>Null when none can be asked now.</returns>
    public Deployment? Choose(ReadOnlySpan<Variant> variants, bool stream, out VariantReason reason)
    {
        // 1. How long each takes of those that can be asked; the others take for ever.
        var now = time.GetTimestamp();
        Span<double> takes = stackalloc double[variants.Length];
        var slowest = 0.0;
        for (var i = 0; i < variants.Length; i++)
        {
            takes[i] = MayAsk(variants[i].Deployment, now) ? Takes(variants[i].Deployment, stream, now) : double.MaxValue;
            slowest = takes[i] == double.MaxValue ? slowest : Math.Max(slowest, takes[i]);
        }

        // 2. With what fails; and the soonest and the latest.
        var (soonest, latest) = (double.MaxValue, 0.0);
        for (var i = 0; i < variants.Length; i++)
        {
            if (takes[i] < double.MaxValue)
            {
                takes[i] += variants[i].Deployment.Failing.Share(now, time.TimestampFrequency) * ((Failed * slowest) - takes[i]);
                (soonest, latest) = (Math.Min(soonest, takes[i]), Math.Max(latest, takes[i]));
            }
        }

        // 3. One of them: each takes the place of the one before with its part of all chances so far.
        var (chosen, chosenTakes, all) = ((Deployment?)null, 0.0, 0.0);
        for (var i = 0; i < variants.Length; i++)
        {
            if (takes[i] == double.MaxValue)
            {
                continue;
            }

            var ratio = soonest / takes[i];
            var chance = variants[i].Share * Math.Max(Least, ratio * ratio * ratio * ratio);
            all += chance;
            if (chosen is null || Random.Shared.NextDouble() * all < chance)
            {
                (chosen, chosenTakes) = (variants[i].Deployment, takes[i]);
            }
        }

        reason = latest >= Notable * chosenTakes ? VariantReason.Latency : VariantReason.Share;
        return chosen;
    }

    /// <summary>Whether any of its replicas is not set aside.</summary>
    private static bool MayAsk(Deployment deployment, long now)
    {
        foreach (var replica in deployment.Replicas)
        {
            if (!replica.Breaker.IsOpen(now))
            {
                return true;
            }
        }

        return false;
    }

    private double Takes(Deployment deployment, bool stream, long now) => Math.Max(NoiseMilliseconds, deployment.Latency(stream).Milliseconds(now, time.TimestampFrequency));
}
