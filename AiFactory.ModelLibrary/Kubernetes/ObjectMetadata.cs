namespace AiFactory.ModelLibrary.Kubernetes;

/// <summary>What the library writes and reads of <c>metadata</c>. The server alone makes uid, generation and the time of a deletion.</summary>
internal sealed record ObjectMetadata(
    string Name,
    string? Namespace = null,
    IReadOnlyDictionary<string, string>? Labels = null,
    string? Uid = null,
    string? ResourceVersion = null,
    long? Generation = null,
    DateTimeOffset? DeletionTimestamp = null);
