using System.Text.RegularExpressions;

namespace AiFactory.Builder.Agents;

/// <summary>The names that authors give to agents and rulesets: they stand in addresses and in flows.</summary>
internal static partial class AuthoredNames
{
    internal const string Rule = "A name is 1 to 63 lower-case letters, digits, '-' and '_', and begins with a letter or digit.";
    internal const string IsFixed = "A name cannot change: flows and agents hold on to it.";

    internal static bool IsName(string? name) => name is not null && Pattern().IsMatch(name);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
