namespace AiFactory.Contracts.Workers;

/// <param name="State">fetching, loading, ready, failed, unloading, sleeping or unloaded.</param>
/// <param name="Message">Why it failed, or what it does now.</param>
/// <param name="Progress">0 to 1 while fetching.</param>
/// <param name="ContextLength">Tokens of context for one request, once loaded.</param>
public sealed record WorkerModelStatus(
    Guid DeploymentId,
    string Digest,
    string State,
    string? Message,
    double? Progress,
    long? MemoryBytes,
    int? ContextLength);
