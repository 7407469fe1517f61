namespace AiFactory.Contracts.Builder.Agents;

/// <summary>What an answer is held to when it is there; it needs no model.</summary>
/// <param name="Kind">One of <see cref="RulesetCheckKinds"/>.</param>
/// <param name="Value">1 to 1000 characters; what they say depends on the kind.</param>
public sealed record RulesetCheck(string? Kind, string? Value);
