namespace AiFactory.Gateway.Routing;

/// <summary>
/// Chooses among deployments by how soon they answered lately: by chance, with the chances <c>share x (soonest / own)^4</c>. One that takes 1.2 times as long gets half as many requests for its share, one that
/// takes twice as long a sixteenth. So load that makes one slower moves on bit by bit, and not all of it at once from one to the other; no chance is below a 64th, by which one that has recovered is found out.
/// </summary>
internal sealed class SoonestChooser(TimeProvider time)
{
    private const double Least = 1.0 / 64;

    /// <summary>Times below this are alike.</summary>
    private const double NoiseMilliseconds = 50;

    /// <summary>What takes so many times as long is called later.</summary>
    private const double Notable = 1.2;

    /// <returns>Null when none can be asked now.</returns>
    public Deployment? Choose(ReadOnlySpan<Variant> variants, bool stream, out VariantReason reason)
    {
        // 1. The soonest and the latest of those that can be asked.
        var now = time.GetTimestamp();
        var (soonest, latest) = (double.MaxValue, 0.0);
        foreach (var variant in variants)
        {
            if (MayAsk(variant.Deployment, now))
            {
                var takes = Takes(variant.Deployment, stream, now);
                (soonest, latest) = (Math.Min(soonest, takes), Math.Max(latest, takes));
            }
        }

        // 2. One of them: each takes the place of the one before with its part of all chances so far.
        var (chosen, chosenTakes, all) = ((Deployment?)null, 0.0, 0.0);
        foreach (var variant in variants)
        {
            if (!MayAsk(variant.Deployment, now))
            {
                continue;
            }

            var takes = Takes(variant.Deployment, stream, now);
            var ratio = soonest / takes;
            var chance = variant.Share * Math.Max(Least, ratio * ratio * ratio * ratio);
            all += chance;
            if (chosen is null || Random.Shared.NextDouble() * all < chance)
            {
                (chosen, chosenTakes) = (variant.Deployment, takes);
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
