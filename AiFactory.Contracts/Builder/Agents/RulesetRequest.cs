namespace AiFactory.Contracts.Builder.Agents;

/// <param name="Name">1 to 63 lower-case letters, digits, <c>-</c> and <c>_</c>.</param>
/// <param name="Rules">Up to 50 rules, each a sentence of at most 1000 characters; a model is told them in this order. A ruleset has a rule or a check.</param>
/// <param name="Checks">Up to 20.</param>
/// <param name="OnViolation">One of <see cref="RulesetViolations"/>; <c>reject</c> when null.</param>
public sealed record RulesetRequest(string? Name, IReadOnlyList<string>? Rules, IReadOnlyList<RulesetCheck>? Checks = null, string? OnViolation = null);
