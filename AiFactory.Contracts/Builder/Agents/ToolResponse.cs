using System.Text.Json;

namespace AiFactory.Contracts.Builder.Agents;

/// <param name="Headers">Their values are shown only to callers who may change them; <c>***</c> to others.</param>
public sealed record ToolResponse(
    string Name,
    string Description,
    JsonElement Parameters,
    string Kind,
    string Method,
    string Url,
    IReadOnlyDictionary<string, string> Headers,
    int TimeoutSeconds,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);
