namespace AiFactory.Contracts.Builder.Agents;

public sealed record RulesetResponse(string Name, IReadOnlyList<string> Rules, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
