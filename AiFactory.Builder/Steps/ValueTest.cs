using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Steps;

/// <summary>A test of a value that an author puts together from choices: a condition branches by it, a loop ends by it.</summary>
internal static class ValueTest
{
    private const string Test = "test";
    private const string Compared = "value";

    private static readonly string[] Tests = ["contains", "equals", "matches", "is empty", "<", "<=", "=", ">=", ">"];

    /// <param name="title">What is tested.</param>
    internal static IEnumerable<StepSetting> Settings(string title) =>
    [
        new(Test, title, SettingKinds.Select, Required: true, Default: StepDescription.Default("contains"), Options: Tests),
        new(Compared, "Value", SettingKinds.Text, Help: "A text, a regular expression for 'matches', a number for '<' to '>'."),
        new("ignoreCase", "Ignore case", SettingKinds.Boolean, Default: StepDescription.Default(true)),
    ];

    /// <summary>What keeps the test from being decided: setting to sentence.</summary>
    internal static IEnumerable<(string Setting, string Complaint)> Check(StepSettings settings)
    {
        var (test, value) = (settings.Text(Test), settings.Text(Compared));
        if (test == "matches" && Complaint(value) is { } complaint)
        {
            yield return (Compared, complaint);
        }

        if (IsNumeric(test) && !TryNumber(value, out _))
        {
            yield return (Compared, $"'{test}' compares numbers, and '{value}' is none.");
        }

        if (test is "contains" && value.Length == 0)
        {
            yield return (Compared, "Say what the input is to contain.");
        }
    }

    internal static bool Holds(JsonElement value, StepSettings settings)
    {
        var text = PortValues.ToText(value);
        var (test, compared, ignoreCase) = (settings.Text(Test), settings.Text(Compared), settings.IsOn("ignoreCase"));
        var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return test switch
        {
            "contains" => text.Contains(compared, comparison),
            "equals" => text.Trim().Equals(compared.Trim(), comparison),
            "matches" => Expression(compared, ignoreCase).IsMatch(text),
            "is empty" => string.IsNullOrWhiteSpace(text) || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0),
            _ => TryNumber(text, out var one) && TryNumber(compared, out var other) && Compare(test, one, other),
        };
    }

    private static bool Compare(string test, double one, double other) => test switch
    {
        "<" => one < other,
        "<=" => one <= other,
        ">=" => one >= other,
        ">" => one > other,
        _ => one.Equals(other),
    };

    private static bool IsNumeric(string test) => test is "<" or "<=" or "=" or ">=" or ">";

    private static bool TryNumber(string text, out double number) => double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    /// <summary>In time linear to the input, whatever the author wrote.</summary>
    private static Regex Expression(string pattern, bool ignoreCase) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None));

    private static string? Complaint(string pattern)
    {
        try
        {
            _ = Expression(pattern, ignoreCase: false);
            return null;
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return $"This is no regular expression that can be used: {error.Message}";
        }
    }
}
