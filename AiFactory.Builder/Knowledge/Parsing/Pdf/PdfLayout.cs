using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>
/// Puts a page's runs together: to lines where they stand at one height, to paragraphs where lines follow closely. The order is that of the file, which
/// is the order of reading in what word processors, browsers and TeX write.
/// </summary>
internal static class PdfLayout
{
    internal static IReadOnlyList<PdfParagraph> Read(IReadOnlyList<PdfRun> runs)
    {
        var lines = Lines(runs);
        var pitch = Pitch(lines);
        var paragraphs = new List<PdfParagraph>();
        for (var i = 0; i < lines.Count;)
        {
            var text = new StringBuilder(lines[i].Text);
            var first = i++;
            while (i < lines.Count && Continues(lines, first, i, pitch))
            {
                Join(text, lines[i++].Text);
            }

            paragraphs.Add(new PdfParagraph(text.ToString(), lines[first].Size));
        }

        return paragraphs;
    }

    /// <summary>Joins two parts of a sentence; a word that was divided at the end of a line is one again.</summary>
    internal static void Join(StringBuilder text, string next)
    {
        if (text.Length > 1 && text[^1] is '-' or '\u2010' && char.IsLetter(text[^2]) && char.IsLower(next[0]))
        {
            text.Length--;
        }
        else if (text.Length > 0 && !char.IsWhiteSpace(text[^1]))
        {
            text.Append(' ');
        }

        text.Append(next);
    }

    private static List<Line> Lines(IReadOnlyList<PdfRun> runs)
    {
        var lines = new List<Line>();
        Line? line = null;
        foreach (var run in runs)
        {
            if (line is not null && line.Takes(run))
            {
                line.Add(run);
                continue;
            }

            if (!string.IsNullOrWhiteSpace(run.Text))
            {
                lines.Add(line = new Line(run));
            }
        }

        return lines;
    }

    /// <summary>The usual distance of two lines, in font sizes: 1.2 mostly, 2 where a text is double-spaced.</summary>
    private static double Pitch(List<Line> lines)
    {
        var pitches = new List<double>();
        for (var i = 1; i < lines.Count; i++)
        {
            var pitch = (lines[i - 1].Across - lines[i].Across) / lines[i].Size;
            if (pitch is > 0.5 and < 3)
            {
                pitches.Add(pitch);
            }
        }

        pitches.Sort();
        return pitches.Count > 0 ? pitches[pitches.Count / 2] : 1.2;
    }

    private static bool Continues(List<Line> lines, int first, int index, double pitch)
    {
        var (above, line) = (lines[index - 1], lines[index]);
        var gap = above.Across - line.Across;
        if (StartsItem(line.Text) || line.Angle != above.Angle || gap <= 0 || gap > Math.Max(1.45, 1.25 * pitch) * line.Size || Math.Abs(line.Size - above.Size) > 0.12 * above.Size)
        {
            return false;
        }

        // The first line of a paragraph in a book is indented; one that follows a hanging mark is not the second of its paragraph.
        var indent = line.Start - above.Start;
        return index - first < 2 || indent < 0.8 * line.Size || indent > 6 * line.Size;
    }

    private static bool StartsItem(string text) => text is ['\u2022' or '\u25E6' or '\u25AA' or '\u25CF' or '\u2013' or '-' or '*', ' ', ..];

    private sealed class Line(PdfRun first)
    {
        private readonly StringBuilder _text = new(first.Text.TrimStart());
        private double _end = first.End;

        internal string Text => _text.ToString().TrimEnd();

        internal double Start { get; } = first.Start;

        internal double Across { get; private set; } = first.Across;

        internal double Size { get; private set; } = first.Size;

        internal int Angle { get; } = first.Angle;

        /// <summary>At the same height (but for what is raised or lowered), and not left of where the line has come to.</summary>
        internal bool Takes(PdfRun run) =>
            run.Angle == Angle && Math.Abs(run.Across - Across) < 0.45 * Math.Max(Size, run.Size) && run.Start > _end - Math.Max(Size, run.Size);

        internal void Add(PdfRun run)
        {
            var space = 0.18 * Math.Min(Size, run.Size);
            if (run.Start - _end > space && _text.Length > 0 && !char.IsWhiteSpace(_text[^1]) && !char.IsWhiteSpace(run.Text[0]))
            {
                _text.Append(' ');
            }

            // The letters decide, not a footnote's number.
            if (run.Size > Size)
            {
                (Size, Across) = (run.Size, run.Across);
            }

            _text.Append(run.Text);
            _end = Math.Max(_end, run.End);
        }
    }
}
