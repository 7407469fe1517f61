namespace AiFactory.Contracts.Library;

/// <summary>One act, in the order in which it happened. The table takes inserts only.</summary>
/// <param name="Action">For example <c>model.approved</c>, <c>deployment.created</c>, <c>key.revoked</c>.</param>
/// <param name="Target">For example <c>model-version/0197...</c>.</param>
/// <param name="Detail">A JSON object: before, after, reason.</param>
public sealed record AuditEntryResponse(
    long Sequence,
    DateTimeOffset At,
    string? Project,
    string Actor,
    string Action,
    string Target,
    System.Text.Json.JsonElement? Detail);
