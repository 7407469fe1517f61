namespace AiFactory.ModelLibrary.Workers;

internal sealed record WorkerRow
{
    /// <summary>The worker's identity.</summary>
    public required string BaseUrl { get; init; }

    public required string InstanceId { get; init; }

    public required string State { get; init; }

    public required string Hardware { get; init; }

    public required int Threads { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>Null where it says none.</summary>
    public string? Zone { get; init; }

    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>Deployments assigned to it, where the query counts them.</summary>
    public long Deployments { get; init; }
}
