namespace AiFactory.Contracts.Workers;

/// <summary>What a worker tells the library every few seconds: <c>POST /internal/workers/heartbeat</c>, answered by <see cref="WorkerOrders"/>.</summary>
/// <param name="BaseUrl">The worker's own address and its identity: a new process at the same address replaces the old one.</param>
/// <param name="InstanceId">New for each process.</param>
/// <param name="Draining">The worker is stopping: it must get no new request.</param>
public sealed record WorkerHeartbeat(
    string BaseUrl,
    string InstanceId,
    bool Draining,
    WorkerCapacity Capacity,
    IReadOnlyList<WorkerModelStatus> Models)
{
    /// <summary>Where it runs, in the words of whoever runs it: gateways may prefer replicas of their own zone. Null where that is not said.</summary>
    public string? Zone { get; init; }
}
