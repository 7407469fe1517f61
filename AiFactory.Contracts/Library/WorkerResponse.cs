namespace AiFactory.Contracts.Library;

/// <param name="State">ready, draining or lost.</param>
public sealed record WorkerResponse(
    string Url,
    string State,
    string Hardware,
    int Threads,
    long MemoryBytes,
    int Deployments,
    DateTimeOffset LastSeenAt);
