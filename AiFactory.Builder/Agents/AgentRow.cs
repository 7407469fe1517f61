namespace AiFactory.Builder.Agents;

internal sealed record AgentRow
{
    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string Model { get; init; }

    public required string Instructions { get; init; }

    public required string[] Rulesets { get; init; }

    public required string[] Tools { get; init; }

    public required string[] KnowledgeBases { get; init; }

    public required int MaxSteps { get; init; }

    public required int MaxSeconds { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
