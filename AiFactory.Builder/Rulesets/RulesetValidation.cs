using AiFactory.Builder.Rulesets.Checks;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Rulesets;

internal static class RulesetValidation
{
    private const int MostRules = 50;
    private const int MostChecks = 20;
    private const int Longest = 1000;

    internal static FieldErrors Check(RulesetRequest request)
    {
        var (rules, checks) = (request.Rules ?? [], request.Checks ?? []);
        var errors = new FieldErrors();
        errors.Require(rules.Count <= MostRules, "rules", $"A ruleset has at most {MostRules} rules.");
        errors.Require(rules.Count + checks.Count > 0, "rules", "A ruleset has a rule or a check.");
        errors.Require(checks.Count <= MostChecks, "checks", $"A ruleset has at most {MostChecks} checks.");
        errors.Require(request.OnViolation is null or RulesetViolations.Reject or RulesetViolations.Retry, "onViolation", $"Use '{RulesetViolations.Reject}' or '{RulesetViolations.Retry}'.");
        for (var i = 0; i < rules.Count; i++)
        {
            errors.Require(rules[i]?.Trim() is { Length: >= 1 and <= Longest }, $"rules[{i}]", $"Rule {i + 1} must have 1 to {Longest} characters.");
        }

        for (var i = 0; i < checks.Count; i++)
        {
            if (Complaint(checks[i]) is { } complaint)
            {
                errors.Add($"checks[{i}]", $"Check {i + 1}: {complaint}.");
            }
        }

        return errors;
    }

    private static string? Complaint(RulesetCheck? check) =>
        check?.Kind is not { } name || !CheckKinds.All.TryGetValue(name, out var kind) ? $"its kind is one of {string.Join(", ", CheckKinds.All.Keys.Order(StringComparer.Ordinal))}"
        : check.Value?.Trim() is not { Length: >= 1 and <= Longest } value ? $"its value must have 1 to {Longest} characters"
        : kind.Complaint(value)?.TrimEnd('.');
}
