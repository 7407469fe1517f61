namespace AiFactory.Builder.Rulesets.Checks;

/// <param name="Complaint">What is wrong with a value of this kind; null when it can be used.</param>
/// <param name="Allows">Whether a text keeps the value.</param>
/// <param name="Demand">What the value asks for, behind "the answer must".</param>
internal sealed record CheckKind(Func<string, string?> Complaint, Func<string, string, bool> Allows, Func<string, string> Demand);
