using System.Text.RegularExpressions;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Limits;

internal static partial class LimitValidation
{
    /// <summary>Of one project, and of the factory: every request is held against those of both.</summary>
    internal const int Most = 16;

    private const decimal MostUnits = 1_000_000_000_000_000;
    private const decimal MostMoney = 1_000_000_000;
    private const int MoneyDecimals = 6;
    private const int LongestText = 200;

    /// <param name="project">Null for a limit of the whole factory.</param>
    internal static FieldErrors Check(LimitRequest request, string? project)
    {
        var errors = new FieldErrors();
        errors.Require(NamePattern().IsMatch(request.Name ?? ""), "name", "A limit's name is 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or digit.");
        errors.Require(LimitMeasures.All.Contains(request.Measure), "measure", $"Use one of {string.Join(", ", LimitMeasures.All)}.");
        errors.Require(request.Model is null || IsText(request.Model), "model", $"A model's name has 1 to {LongestText} characters; leave it out for every model.");
        errors.Require(
            request.Model?.StartsWith("flow/", StringComparison.Ordinal) != true || request.Measure is not (LimitMeasures.Tokens or LimitMeasures.Cost), "model",
            "A flow takes no tokens and no money of its own: limit the project, which its model calls are charged to.");
        CheckScope(request, project, errors);
        if (request.Measure == LimitMeasures.Concurrency)
        {
            errors.Require(request.Period is null, "period", "Requests at once have no period: leave it out.");
        }
        else
        {
            errors.Require(request.Period is not null && LimitPeriods.All.Contains(request.Period), "period", $"Use one of {string.Join(", ", LimitPeriods.All)}.");
        }

        if (request.Measure == LimitMeasures.Cost)
        {
            errors.Require(
                request.Amount is > 0 and <= MostMoney && decimal.Round(request.Amount, MoneyDecimals) == request.Amount, "amount", $"Use more than 0 and at most {MostMoney}, with at most {MoneyDecimals} decimals.");
        }
        else
        {
            errors.Require(request.Amount is >= 1 and <= MostUnits && decimal.Truncate(request.Amount) == request.Amount, "amount", $"Use a whole number from 1 to {MostUnits}.");
        }

        return errors;
    }

    /// <summary>What of the change is more than another amount.</summary>
    internal static FieldErrors CheckChange(LimitRow before, LimitRequest request)
    {
        var errors = new FieldErrors();
        foreach (var (field, was, asked) in new[]
        {
            ("name", before.Name, request.Name), ("scope", before.Scope, request.Scope), ("owner", before.Owner, before.Scope == LimitScopes.Key ? request.Owner?.ToLowerInvariant() : request.Owner),
            ("model", before.Model, request.Model), ("measure", before.Measure, request.Measure), ("period", before.Period, request.Period),
        })
        {
            errors.Require(was == asked, field, $"A limit keeps it ({was ?? "none"}), for what was used is counted by it; only the amount changes. Delete the limit and make another.");
        }

        return errors;
    }

    private static void CheckScope(LimitRequest request, string? project, FieldErrors errors)
    {
        if (request.Scope is null || !LimitScopes.All.Contains(request.Scope) || (project is not null && request.Scope == LimitScopes.Factory))
        {
            errors.Add("scope", $"Use one of {string.Join(", ", LimitScopes.All.Where(scope => project is null || scope != LimitScopes.Factory))}.");
            return;
        }

        if (request.Owner is null)
        {
            return;
        }

        switch (request.Scope)
        {
            case LimitScopes.Factory:
                errors.Add("owner", "There is one factory: leave it out.");
                break;
            case LimitScopes.Project when project is not null:
                errors.Add("owner", "The limit stands below its project: leave it out.");
                break;
            case LimitScopes.Key:
                errors.Require(Guid.TryParseExact(request.Owner, "D", out _), "owner", "A key is named by its id; leave it out for each key.");
                break;
            default:
                errors.Require(IsText(request.Owner), "owner", $"Use 1 to {LongestText} characters; leave it out for each one.");
                break;
        }
    }

    private static bool IsText(string text) => text.Length is > 0 and <= LongestText && !text.Any(char.IsControl);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
