namespace AiFactory.Contracts.Builder.Agents;

/// <summary>A ruleset as it was saved; it never changes. <c>name@3</c> names it where a ruleset is named.</summary>
public sealed record RulesetVersionResponse(
    int Version, IReadOnlyList<string> Rules, IReadOnlyList<RulesetCheck> Checks, string OnViolation, string CreatedBy, DateTimeOffset CreatedAt);
