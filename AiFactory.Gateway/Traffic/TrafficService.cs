using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Traffic;

/// <summary>What goes through this gateway, and how its replicas fare. Made with the gateway, whose uptime it tells.</summary>
internal sealed class TrafficService(CurrentRoutes routes, TimeProvider time)
{
    private readonly Guid _id = Guid.CreateVersion7(time.GetUtcNow());
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly long _started = time.GetTimestamp();

    /// <summary>Of the deployments of the caller's project, or of any for a caller of the whole factory.</summary>
    public TrafficResponse Look(InternalIdentity caller, string? project)
    {
        var (at, now) = (time.GetUtcNow(), time.GetTimestamp());
        var deployments = (routes.Table?.Deployments.Values ?? [])
            .Where(deployment => caller.CoversProject(deployment.Project) && (project is null || deployment.Project == project))
            .OrderBy(deployment => deployment.Project, StringComparer.Ordinal).ThenBy(deployment => deployment.Name, StringComparer.Ordinal);
        return new TrafficResponse(
            new GatewayResponse(_id, Environment.MachineName, _startedAt, time.GetElapsedTime(_started, now).TotalSeconds), at, LatencyCounts.Bounds, [.. deployments.Select(deployment => Describe(deployment, at, now))]);
    }

    private DeploymentTraffic Describe(Deployment deployment, DateTimeOffset at, long now)
    {
        var (route, counts) = (deployment.Route, deployment.Counts);
        return new DeploymentTraffic(
            route.Id,
            route.Project,
            route.Name,
            route.Task,
            route.Model,
            route.ModelVersion,
            deployment.Upstream?.Name,
            route.Revoked,
            new RequestCounts(counts.Of(UsageOutcome.Answered), counts.Of(UsageOutcome.Refused), counts.Of(UsageOutcome.ClientLeft), counts.Of(UsageOutcome.Deadline), counts.Of(UsageOutcome.Failed)),
            counts.TurnedAway,
            counts.PromptTokens,
            counts.CompletionTokens,
            new CacheCounts(counts.CacheAsked, counts.CacheHits),
            deployment.Queue.Waiting,
            counts.Waiting,
            counts.FirstToken.Read(),
            counts.Whole.Read(),
            [.. deployment.Replicas.Select(replica => Describe(replica, at, now))]);
    }

    private ReplicaTraffic Describe(Replica replica, DateTimeOffset at, long now)
    {
        // Read once: a request may close it meanwhile.
        var until = replica.Breaker.OpenUntil;
        var isOpen = until > now;
        return new ReplicaTraffic(
            replica.Id,
            until == 0 ? "healthy" : isOpen ? "set-aside" : "half-open",
            until == 0 ? null : NameOf(replica.Breaker.Cause),
            isOpen ? at + time.GetElapsedTime(now, until) : null,
            replica.InFlight,
            replica.Load.Told is { } told ? new ReplicaLoadResponse(told.Report.Waiting, told.Report.Running, told.Report.CacheUse, time.GetElapsedTime(told.At, now).TotalSeconds) : null,
            replica.Failures,
            replica.LastFailure is { } failure ? new ReplicaFailureResponse(failure.At, failure.Reason) : null);
    }

    private static string NameOf(SetAsideCause cause) => cause switch
    {
        SetAsideCause.Unreachable => "unreachable",
        SetAsideCause.Away => "away",
        _ => "failing",
    };
}
