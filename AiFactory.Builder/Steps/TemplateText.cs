using System.Text.RegularExpressions;

namespace AiFactory.Builder.Steps;

/// <summary>Fills <c>Answer {{text}} from {{search}}</c>. A name stands for an input port or for a connected step.</summary>
internal static partial class TemplateText
{
    /// <param name="encode">How a value is written at its place, for example percent-encoded in a URL.</param>
    /// <exception cref="OversizeException">The text would be longer than <paramref name="most"/>.</exception>
    internal static string Fill(string template, Func<string, string?> value, Func<string, string>? encode = null, int most = int.MaxValue)
    {
        var length = (long)template.Length;
        return Variable().Replace(template, match =>
        {
            var text = value(match.Groups["name"].Value) ?? "";
            text = encode is null ? text : encode(text);
            length += text.Length - match.Length;
            return length <= most ? text : throw new OversizeException(most);
        });
    }

    internal static IEnumerable<string> Variables(string template) => Variable().Matches(template).Select(match => match.Groups["name"].Value);

    [GeneratedRegex(@"\{\{\s*(?<name>[A-Za-z0-9_-]{1,64})\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
