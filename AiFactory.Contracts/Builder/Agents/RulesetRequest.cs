namespace AiFactory.Contracts.Builder.Agents;

/// <param name="Name">1 to 63 lower-case letters, digits, <c>-</c> and <c>_</c>.</param>
/// <param name="Rules">1 to 50 rules, each a sentence of at most 1000 characters; a model is told them in this order.</param>
public sealed record RulesetRequest(string? Name, IReadOnlyList<string>? Rules);
