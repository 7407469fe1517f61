using System.Text;
using System.Text.RegularExpressions;

namespace AiFactory.Builder.Secrets;

/// <summary>
/// Finds a secret in whatever way an answer repeats it: each character as it is, percent-encoded (RFC 3986; a space as <c>+</c> too, as forms have it), or escaped
/// for JSON (RFC 8259, section 7), for some servers decode and encode again a part of what they were sent.
/// </summary>
internal static class SecretForms
{
    /// <summary>In time linear to the text that it is looked for in.</summary>
    internal static Regex Of(string secret) => new(string.Concat(secret.EnumerateRunes().Select(Of)), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static string Of(Rune rune)
    {
        var text = rune.ToString();
        IEnumerable<string> forms =
        [
            string.Concat(text.Select(unit => $@"\\u(?i:{(int)unit:x4})")),
            string.Concat(Encoding.UTF8.GetBytes(text).Select(part => $"%(?i:{part:x2})")),
            .. text is "\"" or "\\" or "/" ? [@"\\" + Regex.Escape(text)] : Array.Empty<string>(),
            .. text is " " ? [@"\+", @"\\u002(?i:b)"] : Array.Empty<string>(),
            Regex.Escape(text),
        ];
        return $"(?:{string.Join('|', forms)})";
    }
}
