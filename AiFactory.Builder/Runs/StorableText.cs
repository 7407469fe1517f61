using System.Text;

namespace AiFactory.Builder.Runs;

/// <summary>Text as Postgres stores it: without U+0000, and without half of a character that takes two code units. Either becomes U+FFFD.</summary>
internal static class StorableText
{
    internal static string Clean(string text)
    {
        if (!text.Contains('\0', StringComparison.Ordinal) && IsWhole(text))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }

        return clean.ToString();
    }

    /// <summary>At most so many code units from the text's start; a character of two is not taken apart.</summary>
    internal static string Start(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    private static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
