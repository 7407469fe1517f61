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
    public Replica? Choose(TimeProvider time)
    {
        var now = time.GetTimestamp();
        return Replicas.Length > 1 && ChooseOfTwo(now) is { } better && better.TryEnter(now, time) ? better : ChooseAny(now, time);
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

    private Replica? ChooseOfTwo(long now)
    {
        var first = Random.Shared.Next(Replicas.Length);
        var second = Random.Shared.Next(Replicas.Length - 1);
        second += second >= first ? 1 : 0;
        var (a, b) = (Replicas[first], Replicas[second]);
        return (a.IsEjected(now), b.IsEjected(now)) switch
        {
            (false, false) => b.InFlight < a.InFlight ? b : a,
            (false, true) => a,
            (true, false) => b,
            _ => null,
        };
    }

    private Replica? ChooseAny(long now, TimeProvider time)
    {
        var start = Replicas.Length > 1 ? Random.Shared.Next(Replicas.Length) : 0;
        for (var i = 0; i < Replicas.Length; i++)
        {
            var replica = Replicas[(start + i) % Replicas.Length];
            if (replica.TryEnter(now, time))
            {
                return replica;
            }
        }

        return null;
    }
}
