namespace AiFactory.ModelLibrary.Deployments;

/// <summary>A deployment on a worker, as last seen. State and what follows are the worker's own words of this very digest, or null.</summary>
internal sealed record ReplicaRow
{
    public required Guid DeploymentId { get; init; }

    public required string BaseUrl { get; init; }

    public required string WorkerState { get; init; }

    public string? Zone { get; init; }

    public required DateTimeOffset LastSeenAt { get; init; }

    public required DateTimeOffset AssignedAt { get; init; }

    public string? State { get; init; }

    public string? Message { get; init; }

    public double? Progress { get; init; }

    public long? MemoryBytes { get; init; }

    public int? ContextLength { get; init; }

    /// <summary>Whether the worker is ready with another version than the desired one, which it has not loaded yet. State is null then.</summary>
    public required bool ServesFormer { get; init; }

    /// <summary>Whether the desired version is served there.</summary>
    internal bool Serves => WorkerState == Workers.WorkerStates.Ready && State == Contracts.Workers.WorkerModelStates.Ready;

    /// <summary>Whether the version from before a change is served there.</summary>
    internal bool StandsIn => WorkerState == Workers.WorkerStates.Ready && ServesFormer;

    /// <summary>Where requests go: to the desired version, and while no replica has it, to the former one, so that a change is no outage.</summary>
    internal static IEnumerable<ReplicaRow> Routable(IEnumerable<ReplicaRow> replicas)
    {
        var all = replicas.ToList();
        return all.Any(replica => replica.Serves) ? all.Where(replica => replica.Serves) : all.Where(replica => replica.StandsIn);
    }
}
