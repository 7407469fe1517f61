using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>Puts a document's text together, block by block, and refuses to grow beyond the limit.</summary>
internal sealed class ExtractedTextBuilder(int maximumLength)
{
    private readonly StringBuilder _text = new();
    private readonly List<TextBlock> _blocks = [];

    /// <param name="level">1 is the highest.</param>
    internal void AddHeading(int level, string text) => Add(TextBlockKind.Heading, Math.Clamp(level, 1, 9), OneLine(text), "\n\n");

    /// <summary>Prose: line breaks in it are only spaces.</summary>
    internal void AddParagraph(string text) => Add(TextBlockKind.Paragraph, 0, OneLine(text), "\n\n");

    /// <summary>An item of a list, directly below the one before it.</summary>
    internal void AddItem(string text) => Add(TextBlockKind.Paragraph, 0, OneLine(text), "\n");

    /// <summary>Prose whose line breaks are kept.</summary>
    internal void AddWrapped(string text) => Add(TextBlockKind.Paragraph, 0, Clean(text).Trim('\n', ' '), "\n\n");

    internal void AddLines(string text) => Add(TextBlockKind.Lines, 0, Clean(text).Trim('\n').TrimEnd(), "\n\n");

    /// <summary>A row of a table, directly below the one before it.</summary>
    internal void AddRow(IEnumerable<string> cells) => Add(TextBlockKind.Lines, 0, string.Join(" | ", cells.Select(OneLine)), "\n");

    internal static DocumentException TooLong(int maximumLength) =>
        new($"The document's text is longer than {maximumLength} characters (setting Knowledge:MaximumTextLength).");

    /// <exception cref="DocumentException">There is no text.</exception>
    internal ExtractedText Build(string emptyComplaint) =>
        _blocks.Count > 0 ? new ExtractedText(_text.ToString(), _blocks) : throw new DocumentException(emptyComplaint);

    private void Add(TextBlockKind kind, int level, string text, string separator)
    {
        if (text.AsSpan().Trim().Trim('|').IsWhiteSpace())
        {
            return;
        }

        if (_text.Length > 0)
        {
            _text.Append(separator);
        }

        if (_text.Length + (long)text.Length > maximumLength)
        {
            throw TooLong(maximumLength);
        }

        _blocks.Add(new TextBlock(kind, level, _text.Length, _text.Length + text.Length));
        _text.Append(text);
    }

    private static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                if (line.Length > 0 && line[^1] != ' ')
                {
                    line.Append(' ');
                }
            }
            else if (!IsDropped(rune))
            {
                line.Append(rune);
            }
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>Line ends as <c>\n</c> without spaces before them.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value == '\n')
            {
                while (clean.Length > 0 && clean[^1] is ' ' or '\t')
                {
                    clean.Length--;
                }

                clean.Append('\n');
            }
            else if (rune.Value == '\t' || !IsDropped(rune))
            {
                clean.Append(rune);
            }
        }

        return clean.ToString();
    }

    /// <summary>Control characters (Postgres takes no NUL), soft hyphens, zero-width marks. Half surrogate pairs come as U+FFFD, which is kept.</summary>
    private static bool IsDropped(Rune rune) => Rune.IsControl(rune) || rune.Value is 0x00AD or 0x200B or 0xFEFF;
}
