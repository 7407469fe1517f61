namespace AiFactory.Builder.Rulesets;

/// <param name="Error">Names ruleset, version and check, and not what the check says; for who asked.</param>
/// <param name="Detail">The same with what it says; for the project's own people.</param>
/// <param name="Complaint">For the model.</param>
/// <param name="MayAnswerAgain">Whether the ruleset gives the model a second try.</param>
internal sealed record RulesetViolation(string Error, string Detail, string Complaint, bool MayAnswerAgain);
