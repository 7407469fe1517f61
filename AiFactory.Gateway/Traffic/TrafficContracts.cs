namespace AiFactory.Gateway.Traffic;

/// <summary>What one gateway sees. Counts are from its start and only grow: the difference of two looks at the same gateway, by its uptime, is a rate.</summary>
/// <param name="LatencyBounds">The upper ends, in seconds, of the parts in which times are counted; the last part has all that is longer too.</param>
internal sealed record TrafficResponse(GatewayResponse Gateway, DateTimeOffset At, IReadOnlyList<double> LatencyBounds, IReadOnlyList<DeploymentTraffic> Items);

/// <param name="Id">Another after each start, with which all counts begin anew.</param>
internal sealed record GatewayResponse(Guid Id, string Name, DateTimeOffset StartedAt, double UptimeSeconds);

/// <param name="Upstream">The service behind it; null where it is a model of the library's, or of <c>models.yaml</c>.</param>
/// <param name="Revoked">Why its model's version was; null while it is approved.</param>
/// <param name="TurnedAway">Requests that a limit or a rule stopped before any model was asked.</param>
/// <param name="Queued">Requests that wait for their turn, where the gateway has a queue (<c>Queue:RequestsPerReplica</c>).</param>
/// <param name="Waiting">Requests that wait for a replica to come or to come back.</param>
/// <param name="FirstToken">How many streams' first tokens came in each of the bounds; parts at the end without any are left out.</param>
/// <param name="Whole">The same of whole answers.</param>
internal sealed record DeploymentTraffic(
    Guid Id,
    string Project,
    string Name,
    string Task,
    string Model,
    int ModelVersion,
    string? Upstream,
    string? Revoked,
    RequestCounts Requests,
    long TurnedAway,
    long PromptTokens,
    long CompletionTokens,
    CacheCounts Cache,
    int Queued,
    int Waiting,
    IReadOnlyList<long> FirstToken,
    IReadOnlyList<long> Whole,
    IReadOnlyList<ReplicaTraffic> Replicas);

/// <summary>Requests that have ended, as the ledger names their ends.</summary>
internal sealed record RequestCounts(long Answered, long Refused, long ClientLeft, long Deadline, long Failed);

/// <param name="Asked">Requests whose answer was looked for.</param>
internal sealed record CacheCounts(long Asked, long Hits);

/// <param name="State"><c>healthy</c>; <c>set-aside</c> by its breaker; or <c>half-open</c>: the next request tries it.</param>
/// <param name="Cause">Why it was set aside: <c>unreachable</c>, <c>away</c> (it has not the model, or asked for time) or <c>failing</c>; null while it is healthy.</param>
/// <param name="Until">When it may be tried again; null unless it is set aside.</param>
/// <param name="UnderWay">From this gateway.</param>
/// <param name="Load">What it told of itself last, which counts all that it has from anywhere; null while it has told nothing.</param>
/// <param name="Failures">Since the gateway's start.</param>
internal sealed record ReplicaTraffic(string Id, string State, string? Cause, DateTimeOffset? Until, int UnderWay, ReplicaLoadResponse? Load, long Failures, ReplicaFailureResponse? LastFailure);

/// <param name="Waiting">Requests in its queue; null where it does not tell, as are the others.</param>
/// <param name="Running">Requests that it computes.</param>
/// <param name="CacheUse">Share of its KV cache in use, 0 to 1.</param>
internal sealed record ReplicaLoadResponse(double? Waiting, double? Running, double? CacheUse, double AgeSeconds);

/// <param name="Reason">In a few words, which name no address.</param>
internal sealed record ReplicaFailureResponse(DateTimeOffset At, string Reason);
