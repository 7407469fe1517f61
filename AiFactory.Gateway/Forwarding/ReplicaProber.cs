using System.Net;
using AiFactory.Contracts;
using AiFactory.Gateway.Routing;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Looks at the replicas that requests tell nothing of: one that is unreachable may be back, one that is idle may be gone, and one of several that has told of its load may have more by now.</summary>
internal sealed class ReplicaProber(CurrentRoutes routes, UpstreamClient client, BreakerRules rules, IOptions<ProbeOptions> options, TimeProvider time) : BackgroundService
{
    /// <summary>At once; a look is short, and a fleet is looked at within one interval or two.</summary>
    private const int Parallel = 8;

    private readonly ProbeOptions _options = options.Value;

    /// <summary>One look at all that need it.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (routes.Table is not { } table)
        {
            return;
        }

        // What is not ours is not knocked at: its owner may count every knock.
        var due = table.Deployments.Values.Where(deployment => !deployment.Route.External)
            .SelectMany(deployment => deployment.Replicas, (deployment, replica) => (Deployment: deployment, Replica: replica, IsDue: IsDue(replica)))
            .Where(look => look.IsDue || IsLoadOld(look.Deployment, look.Replica))
            .ToList();
        await System.Threading.Tasks.Parallel.ForEachAsync(
            due, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken }, async (look, token) => await ProbeAsync(look.Deployment, look.Replica, look.IsDue, token));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                // Gateways that started together do not knock together.
                await Task.Delay(_options.Interval * (0.5 + Random.Shared.NextDouble()), time, stoppingToken);
                await RunOnceAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private bool IsDue(Replica replica)
    {
        var now = time.GetTimestamp();
        return replica.Breaker.IsClosed
            ? replica.InFlight == 0 && time.GetElapsedTime(replica.LastUsed, now) > _options.IdleTime
            : replica.Breaker.Cause == SetAsideCause.Unreachable && replica.Breaker.IsOpen(now);
    }

    /// <summary>Where there is a choice, while requests come. An answer tells of a queue only when its request has been through it.</summary>
    private bool IsLoadOld(Deployment deployment, Replica replica)
    {
        var now = time.GetTimestamp();
        return deployment.Replicas.Length > 1 && replica.Breaker.IsClosed
            && replica.Load.Told is { } told && time.GetElapsedTime(told.At, now) > _options.Interval
            && Array.Exists(deployment.Replicas, one => one.Load.AskedAt is not 0 and var asked && time.GetElapsedTime(asked, now) < _options.IdleTime);
    }

    /// <param name="isDue">Whether it is to be found out if it is there. One that is busy may be late with its answer, and is not judged by that.</param>
    private async Task ProbeAsync(Deployment deployment, Replica replica, bool isDue, CancellationToken cancellationToken)
    {
        var entered = time.GetTimestamp();
        if (isDue)
        {
            replica.Touch(entered);
        }

        using var limit = new CancellationTokenSource(_options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(replica.BaseUrl, _options.Path)) { Version = HttpVersion.Version11 };
        request.Headers.TryAddWithoutValidation(WireHeaders.LoadFormat, LoadReport.Format);
        request.Headers.TryAddWithoutValidation(WireHeaders.Deployment, deployment.Id);
        try
        {
            using var response = await client.SendAsync(request, both.Token);
            if (LoadReport.TryRead(response, out var report))
            {
                replica.Load.Hear(report, replica.InFlight, time.GetTimestamp());
            }

            if (response.StatusCode < HttpStatusCode.InternalServerError)
            {
                if (replica.Breaker.Present(time.GetTimestamp()))
                {
                    routes.Wake();
                }
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // A replica that is set aside already stays so: only requests lengthen its pause.
            if (isDue && replica.Breaker.IsClosed)
            {
                replica.Breaker.Absent(entered, time.GetTimestamp(), rules);
                replica.Failed("no answer to a look at it", time.GetUtcNow());
            }
        }
    }
}
