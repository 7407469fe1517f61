namespace AiFactory.Contracts.Library;

/// <param name="OverlapSeconds">How long the former key stays valid beside its successor: 24 hours when null, at most 30 days; 0 ends it at once.</param>
/// <param name="ExpiresAt">When the successor ends; as the former key when null.</param>
public sealed record KeyRotationRequest(int? OverlapSeconds, DateTimeOffset? ExpiresAt);
