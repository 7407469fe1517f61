using System.Text.RegularExpressions;

namespace AiFactory.ModelGenerator.Vocabularies;

/// <summary>The text that the vocabularies are made from.</summary>
internal static partial class Corpus
{
    public static string Read()
    {
        using var stream = typeof(Corpus).Assembly.GetManifestResourceStream("corpus.txt")
            ?? throw new InvalidOperationException("The corpus is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Words, most frequent first, then by their characters: an order that does not depend on the machine.</summary>
    public static IReadOnlyList<KeyValuePair<string, int>> CountWords(bool withLeadingSpace, bool lowerCase)
    {
        var text = Read();
        if (lowerCase)
        {
            text = text.ToLowerInvariant();
        }

        return (withLeadingSpace ? SpacedWord() : Word()).Matches(text)
            .CountBy(match => match.Value)
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .ToList();
    }

    [GeneratedRegex(@" ?[A-Za-z]+")]
    private static partial Regex SpacedWord();

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Word();
}
