namespace AiFactory.Builder.Rulesets;

internal sealed record RulesetRow
{
    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string[] Rules { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
