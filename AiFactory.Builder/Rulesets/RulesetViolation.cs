namespace AiFactory.Builder.Rulesets;

/// <param name="Error">Names ruleset, version and check; for who asked.</param>
/// <param name="Complaint">For the model.</param>
/// <param name="MayAnswerAgain">Whether the ruleset gives the model a second try.</param>
internal sealed record RulesetViolation(string Error, string Complaint, bool MayAnswerAgain);
