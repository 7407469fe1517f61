using System.Text.RegularExpressions;

namespace AiFactory.Builder.Steps;

/// <summary>Fills <c>Answer {{text}} from {{search}}</c>. A name stands for an input port or for a connected step; <c>{{secret.github}}</c> for a secret, where those are filled.</summary>
internal static partial class TemplateText
{
    /// <param name="encode">How a value is written at its place, for example percent-encoded in a URL.</param>
    /// <param name="secret">What a secret's name stands for, written as it belongs there; without it a secret's name stays. Only the template's own are filled: what comes in names none.</param>
    /// <exception cref="OversizeException">The text would be longer than <paramref name="most"/>.</exception>
    internal static string Fill(
        string template, Func<string, string?> value, Func<string, string>? encode = null, int most = int.MaxValue, Func<string, string>? secret = null)
    {
        var length = (long)template.Length;
        return Variable().Replace(template, match =>
        {
            var text = match.Groups["secret"] is { Success: true } named ? secret?.Invoke(named.Value) ?? match.Value : Text(match.Groups["name"].Value);
            length += text.Length - match.Length;
            return length <= most ? text : throw new OversizeException(most);
        });

        string Text(string name) => value(name) is { } text ? encode?.Invoke(text) ?? text : "";
    }

    internal static IEnumerable<string> Variables(string template) => Variable().Matches(template).Select(match => match.Groups["name"]).Where(name => name.Success).Select(name => name.Value);

    [GeneratedRegex(@"\{\{\s*(secret\.(?<secret>[A-Za-z0-9_-]{1,64})|(?<name>[A-Za-z0-9_-]{1,64}))\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
