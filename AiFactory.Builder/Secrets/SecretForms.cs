using System.Text;

namespace AiFactory.Builder.Secrets;

/// <summary>
/// Finds a secret in whatever way an answer repeats it: both are compared without their escapes, for services decode and encode again what they were sent, in part
/// and more than once. A <c>+</c> is a space too, as forms have it.
/// </summary>
internal sealed class SecretForms
{
    private readonly string _secret;
    private readonly string _plain;

    private SecretForms(string secret)
    {
        _secret = secret;
        _plain = Plain(UnescapedText.Of(secret));
    }

    internal static SecretForms Of(string secret) => new(secret);

    internal string Replace(string text, string by)
    {
        // As it stands too: what is before a secret may seem to begin an escape that goes on in it.
        return Unescaped(text, by).Replace(_secret, by, StringComparison.Ordinal);
    }

    private static string Plain(UnescapedText text) => text.Text.Replace('+', ' ');

    private string Unescaped(string text, string by)
    {
        // Of nothing but backslashes nothing is left.
        var unescaped = UnescapedText.Of(text);
        var plain = Plain(unescaped);
        var found = _plain.Length == 0 ? -1 : plain.IndexOf(_plain, StringComparison.Ordinal);
        if (found < 0)
        {
            return text;
        }

        var (clean, at) = (new StringBuilder(text.Length), 0);
        for (; found >= 0; found = plain.IndexOf(_plain, found + _plain.Length, StringComparison.Ordinal))
        {
            var (start, end) = unescaped.Origin(found, _plain.Length);
            clean.Append(text, at, Math.Max(start - at, 0)).Append(by);
            at = end;
        }

        return clean.Append(text, at, text.Length - at).ToString();
    }
}
