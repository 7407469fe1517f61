using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Queueing;
using AiFactory.Gateway.Traffic;
using AiFactory.Gateway.Upstreams;

namespace AiFactory.Gateway.Routing;

/// <summary>A deployment as requests meet it: what does not change from one request to the next is made once.</summary>
/// <param name="former">Of the table before, when it had this deployment: what is known of its traffic goes on.</param>
internal sealed class Deployment(DeploymentRoute route, Replica[] replicas, Deployment? former = null)
{
    /// <summary>Longer than a replica's: each choice by it asks the slow ones now and then, so that what is known of them is renewed by that.</summary>
    private static readonly TimeSpan LatencyFade = TimeSpan.FromMinutes(2);

    private readonly Latency _streamed = former?._streamed ?? new Latency(LatencyFade);
    private readonly Latency _whole = former?._whole ?? new Latency(LatencyFade);

    public DeploymentRoute Route { get; } = route;

    /// <summary>The id as the worker is told it.</summary>
    public string Id { get; } = route.Id.ToString();

    public string Name => Route.Name;

    /// <summary>The name as a member's value of a body, quotes included.</summary>
    public byte[] NameAsJson { get; } = JsonSerializer.SerializeToUtf8Bytes(route.Name);

    public string Project => Route.Project;

    public Replica[] Replicas { get; } = replicas;

    private Replica[]? _near;

    /// <summary>Those of one zone, which is the gateway's: made once for a snapshot.</summary>
    public Replica[] Near(string zone) => _near ??= Array.FindAll(Replicas, replica => replica.Zone == zone);

    /// <summary>The service behind it; null where its replicas are workers, or services of <c>models.yaml</c>.</summary>
    public Upstream? Upstream { get; init; }

    public RetryBudget Retries { get; } = former?.Retries ?? new RetryBudget();

    /// <summary>Those who wait for it, where there is a limit.</summary>
    public FairQueue Queue { get; } = former?.Queue ?? new FairQueue();

    /// <summary>What it has answered.</summary>
    public DeploymentCounts Counts { get; } = former?.Counts ?? new DeploymentCounts();

    /// <summary>To the first token of a stream, or to the whole answer, of requests that came by a policy that chooses by that.</summary>
    public Latency Latency(bool stream) => stream ? _streamed : _whole;

    /// <summary>Of the same requests, how many it could not answer.</summary>
    public Failing Failing { get; } = former?.Failing ?? new Failing(LatencyFade);

    public long CreatedAt { get; } = route.CreatedAt.ToUnixTimeSeconds();

    /// <summary>Where a replica takes the operation.</summary>
    public Uri Target(Replica replica, Operation operation) => Upstream?.Target(operation) ?? replica.Target(operation, this);

    /// <summary>When the first of the replicas that are set aside may be tried again, in ticks; null when there is none at all.</summary>
    /// <param name="tried">Those whose time the asking request keeps to: of the others it may ask one sooner (<see cref="Breaker.TryAsk"/>). Null for when all keep to it.</param>
    public long? NextTrial(List<Replica>? tried = null)
    {
        long? next = null;
        foreach (var replica in Replicas)
        {
            next = Math.Min(next ?? long.MaxValue, tried is null || tried.Contains(replica) ? replica.Breaker.OpenUntil : replica.Breaker.AskFrom);
        }

        return next;
    }

    /// <summary>Whether a replica may come back by being waited for.</summary>
    public bool IsWorthWaiting()
    {
        foreach (var replica in Replicas)
        {
            if (replica.Breaker.IsClosed || replica.Breaker.IsAbsent)
            {
                return true;
            }
        }

        return Replicas.Length == 0;
    }

    /// <summary>Whether fewer than half of the replicas are set aside: only then may a share of failures set aside one more.</summary>
    public bool MaySetAside()
    {
        var open = 0;
        foreach (var replica in Replicas)
        {
            open += replica.Breaker.IsClosed ? 0 : 1;
        }

        return open + 1 <= Replicas.Length / 2;
    }
}
