using AiFactory.Contracts.Routing;

namespace AiFactory.Gateway.Routing;

/// <summary>A deployment as requests meet it: what does not change from one request to the next is made once.</summary>
internal sealed class Deployment(DeploymentRoute route, Replica[] replicas)
{
    public DeploymentRoute Route { get; } = route;

    /// <summary>The id as the worker is told it.</summary>
    public string Id { get; } = route.Id.ToString();

    public string Name => Route.Name;

    public string Project => Route.Project;

    public Replica[] Replicas { get; } = replicas;

    public long CreatedAt { get; } = route.CreatedAt.ToUnixTimeSeconds();

    /// <summary>
    /// The less loaded of two replicas taken at random: nearly as even as asking all, and without the herd that a common minimum draws
    /// (Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001). Null when none is there or all are ejected.
    /// </summary>
    public Replica? Choose(long now)
    {
        var replicas = Replicas;
        if (replicas.Length == 0)
        {
            return null;
        }

        if (replicas.Length > 1)
        {
            var first = Random.Shared.Next(replicas.Length);
            var second = Random.Shared.Next(replicas.Length - 1);
            second += second >= first ? 1 : 0;
            var (a, b) = (replicas[first], replicas[second]);
            switch (a.IsEjected(now), b.IsEjected(now))
            {
                case (false, false): return b.InFlight < a.InFlight ? b : a;
                case (false, true): return a;
                case (true, false): return b;
            }
        }

        return ChooseAny(replicas, now);
    }

    /// <summary>When the first of the ejected replicas may be tried again, in ticks; null when there is none at all.</summary>
    public long? NextTrial()
    {
        long? next = null;
        foreach (var replica in Replicas)
        {
            next = Math.Min(next ?? long.MaxValue, replica.EjectedUntil);
        }

        return next;
    }

    private static Replica? ChooseAny(Replica[] replicas, long now)
    {
        var start = Random.Shared.Next(replicas.Length);
        for (var i = 0; i < replicas.Length; i++)
        {
            var replica = replicas[(start + i) % replicas.Length];
            if (!replica.IsEjected(now))
            {
                return replica;
            }
        }

        return null;
    }
}
