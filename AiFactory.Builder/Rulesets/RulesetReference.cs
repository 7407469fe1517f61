using System.Globalization;
using AiFactory.Builder.Agents;

namespace AiFactory.Builder.Rulesets;

/// <summary>How agents and steps name a ruleset: <c>manners</c> is its newest version, <c>manners@3</c> always the third.</summary>
/// <param name="Version">0 is the newest.</param>
internal readonly record struct RulesetReference(string Name, int Version)
{
    internal const int Newest = 0;

    private const char Mark = '@';

    public override string ToString() => Version == Newest ? Name : $"{Name}{Mark}{Version}";

    internal static RulesetReference? Parse(string? text)
    {
        var parts = (text ?? "").Split(Mark);
        return parts switch
        {
            [var name] when AuthoredNames.IsName(name) => new RulesetReference(name, Newest),
            [var name, [not '0', ..] digits] when AuthoredNames.IsName(name)
                && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version) => new RulesetReference(name, version),
            _ => null,
        };
    }

    /// <summary>The names in a text like <c>manners, legal@3</c>.</summary>
    internal static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
