using System.Text.RegularExpressions;
using AiFactory.Builder.Rulesets.Checks;
using AiFactory.Contracts.Builder.Agents;

namespace AiFactory.Builder.Rulesets;

/// <summary>The rules that a model is told, and the checks that its answer is held to.</summary>
/// <param name="missing">Names that no ruleset or version has.</param>
internal sealed class RulesetGuard(IReadOnlyList<RulesetRow> rulesets, IReadOnlyList<string> missing)
{
    private readonly List<(RulesetRow Ruleset, IReadOnlyList<RulesetCheck> Checks)> _checked =
        [.. rulesets.Select(ruleset => (ruleset, ruleset.ReadChecks())).Where(each => each.Item2.Count > 0)];

    internal static RulesetGuard None { get; } = new([], []);

    internal IReadOnlyList<string> Missing => missing;

    /// <summary>For example <c>manners@3</c>: what was used, for the run's history and the trace.</summary>
    internal IReadOnlyList<string> Versions { get; } = [.. rulesets.Select(ruleset => new RulesetReference(ruleset.Name, ruleset.Version).ToString())];

    internal IReadOnlyList<string> Rules { get; } = [.. rulesets.SelectMany(ruleset => ruleset.Rules)];

    /// <summary>Whether an answer may turn out to be none: then nobody is shown a piece of it before it is whole and has been looked at.</summary>
    internal bool HoldsBack => _checked.Count > 0;

    /// <summary>The first check that the answer does not keep; null when it keeps all.</summary>
    internal RulesetViolation? Check(string answer)
    {
        foreach (var (ruleset, checks) in _checked)
        {
            for (var i = 0; i < checks.Count; i++)
            {
                if (Complaint(checks[i], answer) is { } complaint)
                {
                    var rejected = $"The answer was rejected by check {i + 1} of the ruleset '{ruleset.Name}', version {ruleset.Version}";
                    return new RulesetViolation(
                        $"{rejected}.",
                        $"{rejected}: {complaint}.",
                        $"Your answer was rejected: {complaint}. Answer again.",
                        ruleset.OnViolation == RulesetViolations.Retry);
                }
            }
        }

        return null;
    }

    private static string? Complaint(RulesetCheck check, string answer)
    {
        // A kind that a newer builder has saved lets nothing through.
        if (!CheckKinds.All.TryGetValue(check.Kind ?? "", out var kind) || check.Value is not { } value)
        {
            return $"this builder does not know the check '{check.Kind}'";
        }

        try
        {
            return kind.Allows(value, answer) ? null : $"it must {kind.Demand(value)}";
        }
        catch (RegexMatchTimeoutException)
        {
            return $"whether it may be given could not be found out in time: it must {kind.Demand(value)}";
        }
    }
}
