namespace AiFactory.Contracts.Library;

/// <summary>One worker's state of one deployment, as it last said.</summary>
/// <param name="State">A worker's model state, or <c>serving-former</c>: it serves the version before this one until this one is loaded.</param>
/// <param name="Url">The internal address of the replica.</param>
public sealed record ReplicaResponse(
    string Worker,
    string Url,
    string State,
    string? Message,
    double? Progress,
    long? MemoryBytes,
    int? ContextLength,
    DateTimeOffset LastSeenAt);
