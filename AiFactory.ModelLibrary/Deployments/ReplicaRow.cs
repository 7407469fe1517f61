namespace AiFactory.ModelLibrary.Deployments;

/// <summary>A deployment on a worker, as last seen. State and what follows are the worker's own words of this very digest, or null.</summary>
internal sealed record ReplicaRow
{
    public required Guid DeploymentId { get; init; }

    public required string BaseUrl { get; init; }

    public required string WorkerState { get; init; }

    public required DateTimeOffset LastSeenAt { get; init; }

    public required DateTimeOffset AssignedAt { get; init; }

    public string? State { get; init; }

    public string? Message { get; init; }

    public double? Progress { get; init; }

    public long? MemoryBytes { get; init; }

    public int? ContextLength { get; init; }

    /// <summary>Whether requests may be sent there.</summary>
    internal bool Serves => WorkerState == Workers.WorkerStates.Ready && State == Contracts.Workers.WorkerModelStates.Ready;
}
