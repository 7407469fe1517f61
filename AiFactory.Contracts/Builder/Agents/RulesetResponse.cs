namespace AiFactory.Contracts.Builder.Agents;

/// <param name="Version">The newest, from 1: each save is one more.</param>
public sealed record RulesetResponse(
    string Name,
    IReadOnlyList<string> Rules,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int Version,
    IReadOnlyList<RulesetCheck> Checks,
    string OnViolation);
