using System.Text.RegularExpressions;

namespace AiFactory.Builder.Templates;

/// <summary>
/// Text with places: <c>{{search}}</c> for what a step was given, <c>{city}</c> for an argument of a tool, <c>{{secret.github}}</c> for a secret. All are found in one
/// pass over what the author wrote, so that nothing that is filled in is ever read as a place, least of all as a secret's.
/// </summary>
internal static partial class TemplateText
{
    internal const string SecretPlace = @"\{\{\s*secret\.(?<secret>" + Name + @")\s*\}\}";

    private const string Name = "[A-Za-z0-9_-]{1,64}";

    /// <summary>Places of a kind that is given nothing stay as they are.</summary>
    /// <param name="variable">What a variable stands for; null is nothing.</param>
    /// <param name="encode">How a value is written at its place, for example percent-encoded in an address.</param>
    /// <exception cref="OversizeException">The text would be longer than <paramref name="most"/>.</exception>
    internal static string Fill(
        string template,
        Func<string, string?>? variable = null,
        Func<string, string>? argument = null,
        Func<string, string>? secret = null,
        Func<string, string>? encode = null,
        int most = int.MaxValue)
    {
        (string Kind, Func<string, string?>? Value)[] kinds = [("variable", variable), ("argument", argument), ("secret", secret)];
        var length = (long)template.Length;
        return Place().Replace(template, match =>
        {
            var (kind, value) = kinds.First(each => match.Groups[each.Kind].Success);
            var text = value is null ? match.Value : value(match.Groups[kind].Value) is { } given ? encode?.Invoke(given) ?? given : "";
            length += text.Length - match.Length;
            return length <= most ? text : throw new OversizeException(most);
        });
    }

    /// <summary>The names in places like <c>{{search}}</c>.</summary>
    internal static IEnumerable<string> Variables(string template) => Names(template, "variable");

    /// <summary>The names in places like <c>{city}</c>.</summary>
    internal static IEnumerable<string> Arguments(string template) => Names(template, "argument");

    /// <summary>The names in places like <c>{{secret.github}}</c>.</summary>
    internal static IEnumerable<string> Secrets(string template) => Names(template, "secret");

    private static IEnumerable<string> Names(string template, string kind) =>
        Place().Matches(template).Select(match => match.Groups[kind]).Where(name => name.Success).Select(name => name.Value);

    [GeneratedRegex(SecretPlace + @"|\{\{\s*(?<variable>" + Name + @")\s*\}\}|\{(?<argument>" + Name + @")\}", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
