using AiFactory.Builder.Knowledge.Parsing;

namespace AiFactory.Builder.Knowledge.Chunking;

/// <summary>Finds where sentences end: after a full stop, a question or an exclamation mark that a new beginning follows; in lines, at the line's end.</summary>
internal static class Sentences
{
    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "e.g", "i.e", "etc", "cf", "vs", "approx", "dr", "mr", "mrs", "ms", "prof", "st", "no", "nr", "fig", "sec", "chap", "vol", "pp", "ca", "z.b", "bzw", "usw", "al",
    };

    internal static IEnumerable<Piece> Divide(string text, TextBlock block)
    {
        var start = block.Start;
        for (var i = block.Start; i < block.End; i++)
        {
            if (!EndsAt(text, i, block))
            {
                continue;
            }

            // Quotes and brackets that close belong to the sentence.
            var end = i + 1;
            while (end < block.End && text[end] is '"' or '\'' or ')' or ']' or '\u201D' or '\u2019' or '\u00BB')
            {
                end++;
            }

            if (Trimmed(text, start, end) is { } piece)
            {
                yield return piece;
            }

            start = end;
            i = end - 1;
        }

        if (Trimmed(text, start, block.End) is { } last)
        {
            yield return last;
        }
    }

    /// <summary>Parts of at most that size, divided between words where there are any, never within a surrogate pair.</summary>
    internal static IEnumerable<Piece> Shorten(string text, Piece piece, int size)
    {
        var start = piece.Start;
        while (piece.End - start > size)
        {
            var end = start + size;
            var space = text.LastIndexOfAny([' ', '\n', '\t'], end, size);
            if (space > start)
            {
                end = space;
            }
            else if (char.IsLowSurrogate(text[end]) && char.IsHighSurrogate(text[end - 1]))
            {
                end--;
            }

            if (Trimmed(text, start, end) is { } part)
            {
                yield return part;
            }

            start = end;
        }

        if (Trimmed(text, start, piece.End) is { } rest)
        {
            yield return rest;
        }
    }

    private static bool EndsAt(string text, int i, TextBlock block)
    {
        if (block.Kind == TextBlockKind.Lines)
        {
            return text[i] == '\n';
        }

        switch (text[i])
        {
            case '\u3002' or '\uFF01' or '\uFF1F':
                return true;
            case '.' or '!' or '?':
                var next = i + 1;
                while (next < block.End && text[next] is '"' or '\'' or ')' or ']' or '\u201D' or '\u2019' or '\u00BB')
                {
                    next++;
                }

                if (next >= block.End || !char.IsWhiteSpace(text[next]))
                {
                    return next >= block.End;
                }

                while (next < block.End && char.IsWhiteSpace(text[next]))
                {
                    next++;
                }

                return next >= block.End || (!char.IsLower(text[next]) && !(text[i] == '.' && IsAbbreviation(text, block.Start, i)));
            default:
                return false;
        }
    }

    /// <summary>Whether the word before the stop is one that is written with a stop, or a single letter as in <c>J. Smith</c>.</summary>
    private static bool IsAbbreviation(string text, int start, int stop)
    {
        var begin = stop;
        while (begin > start && stop - begin < 10 && (char.IsLetter(text[begin - 1]) || text[begin - 1] == '.'))
        {
            begin--;
        }

        return (stop - begin == 1 && char.IsUpper(text[begin])) || Abbreviations.Contains(text[begin..stop]);
    }

    private static Piece? Trimmed(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        return start < end ? new Piece(start, end) : null;
    }
}
