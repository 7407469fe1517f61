using System.Text.RegularExpressions;

namespace AiFactory.Builder.Secrets;

/// <summary>
/// Secrets by their names, <c>Bearer {{secret.github}}</c>. A graph never changes and every viewer of the project reads it, so a secret itself has no place in it.
/// </summary>
internal static partial class SecretReferences
{
    private const string WayOut = "write {{secret.NAME}} in its place, and have who runs the factory set Builder:Secrets:NAME";

    /// <summary>Parts of names of headers by which services know their callers, without hyphens.</summary>
    private static readonly string[] Telling =
        ["authorization", "authentication", "cookie", "token", "secret", "password", "credential", "signature", "apikey", "xauth"];

    internal static bool IsName(string text) => Name().IsMatch(text);

    internal static bool IsIn(string text) => Reference().IsMatch(text);

    internal static string Fill(string text, Func<string, string> value) => Reference().Replace(text, match => value(match.Groups["name"].Value));

    /// <summary>What is wrong with a header, in a sentence, when it seems to hold a secret itself; null when nothing is.</summary>
    internal static string? Complaint(string name, string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        if ((IsTelling(name) || Scheme().IsMatch(value)) && !Whole().IsMatch(value))
        {
            return $"The header '{name}' holds a secret, which everybody who sees the flow would read: {WayOut}, for example \"Bearer {{{{secret.github}}}}\".";
        }

        return value.Contains("{{secret", StringComparison.OrdinalIgnoreCase) && !IsIn(value) ? $"The header '{name}' names no secret: {WayOut}." : null;
    }

    /// <summary>Of text that should have been headers and is something else.</summary>
    internal static bool IsTelling(string text)
    {
        var plain = text.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return Telling.Any(part => plain.Contains(part, StringComparison.OrdinalIgnoreCase))
            || (plain.EndsWith("key", StringComparison.OrdinalIgnoreCase) && !plain.Equals("IdempotencyKey", StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"\{\{\s*secret\.(?<name>[A-Za-z0-9_-]{1,64})\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();

    /// <summary>A reference with at most a scheme or a cookie's name before it.</summary>
    [GeneratedRegex(@"\A([A-Za-z][A-Za-z0-9_.-]{0,40}[ =])?\{\{\s*secret\.[A-Za-z0-9_-]{1,64}\s*\}\}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\A\s*(basic|bearer|digest|negotiate|token)\s+\S", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();
}
