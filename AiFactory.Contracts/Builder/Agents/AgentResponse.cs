namespace AiFactory.Contracts.Builder.Agents;

public sealed record AgentResponse(
    string Name,
    string Description,
    string Model,
    string Instructions,
    IReadOnlyList<string> Rulesets,
    IReadOnlyList<string> Tools,
    IReadOnlyList<string> KnowledgeBases,
    int MaxSteps,
    int MaxSeconds,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);
