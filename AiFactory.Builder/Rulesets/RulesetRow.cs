using System.Text.Json;
using AiFactory.Contracts.Builder.Agents;

namespace AiFactory.Builder.Rulesets;

/// <summary>One version of a ruleset.</summary>
internal sealed record RulesetRow
{
    public required string Project { get; init; }

    public required string Name { get; init; }

    public int Version { get; init; }

    public required string[] Rules { get; init; }

    /// <summary>A JSON array of <see cref="RulesetCheck"/>.</summary>
    public required string Checks { get; init; }

    /// <summary>One of <see cref="RulesetViolations"/>.</summary>
    public required string OnViolation { get; init; }

    /// <summary>Who made the ruleset; in a list of versions, who made the version.</summary>
    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the newest version was made.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    internal IReadOnlyList<RulesetCheck> ReadChecks() => JsonSerializer.Deserialize<IReadOnlyList<RulesetCheck>>(Checks, JsonSerializerOptions.Web) ?? [];
}
