namespace AiFactory.ModelLibrary.Workers;

/// <summary>What a worker last said of one deployment.</summary>
internal sealed record WorkerModelRow
{
    public required string BaseUrl { get; init; }

    public required Guid DeploymentId { get; init; }

    public required string Digest { get; init; }

    public required string State { get; init; }

    public string? Message { get; init; }

    public double? Progress { get; init; }

    public long? MemoryBytes { get; init; }

    public int? ContextLength { get; init; }
}
