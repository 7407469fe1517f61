using System.Text;
using System.Text.RegularExpressions;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>
/// Text of PDFs (ISO 32000-1), written here because no package for it can be had; PdfPig would be one, and fit behind the same interface. It reads what
/// word processors, browsers and TeX write; it does not recognise text in pictures, and has none of the predefined maps for Chinese, Japanese and Korean.
/// </summary>
internal sealed partial class PdfParser : IDocumentParser
{
    public ExtractedText Parse(DocumentContent content, ParseLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            var file = new PdfFile(content.Bytes, new PdfBudget(limits.PdfBytes, cancellationToken));
            var reader = new PdfContent(file, limits.TextLength);
            var pages = PdfPages.Read(file).Select(page => PdfLayout.Read(reader.Read(page)).ToList()).ToList();
            if (PdfPages.Count(file) is var stated && pages.Count < Math.Max(1, stated))
            {
                throw new DocumentException(stated > 0 ? $"The PDF is damaged: {pages.Count} of its {stated} pages can be read." : "The PDF has no pages.");
            }

            var (shown, unknown) = reader.Glyphs;
            if (shown > 0 && unknown * 2 > shown)
            {
                throw new DocumentException("The PDF's text cannot be read: its fonts do not say which characters they show. Print it to a new PDF, or recognise its text (OCR), and upload that.");
            }

            RemoveRepeated(pages);
            return Build(pages, limits.TextLength);
        }
        catch (PdfFormatException error)
        {
            throw new DocumentException($"The PDF is damaged and cannot be read. {error.Message}");
        }
    }

    private static ExtractedText Build(List<List<PdfParagraph>> pages, int maximumLength)
    {
        var paragraphs = Continue(pages);
        var levels = HeadingLevels(paragraphs);
        var builder = new ExtractedTextBuilder(maximumLength);
        foreach (var paragraph in paragraphs)
        {
            if (levels.TryGetValue(Rounded(paragraph.Size), out var level) && IsTitle(paragraph))
            {
                builder.AddHeading(level, paragraph.Text);
            }
            else
            {
                builder.AddParagraph(paragraph.Text);
            }
        }

        return builder.Build("The PDF has no text; it probably holds scanned pages. Recognise their text (OCR) and upload that.");
    }

    /// <summary>Page numbers, and what stands at the head or the foot of most pages.</summary>
    private static void RemoveRepeated(List<List<PdfParagraph>> pages)
    {
        var edges = pages.SelectMany(page => page.Take(1).Concat(page.Skip(1).TakeLast(1))).CountBy(edge => WithoutDigits(edge.Text)).ToDictionary(entry => entry.Key, entry => entry.Value);
        foreach (var page in pages.Where(page => page.Count > 0))
        {
            var (head, foot) = (page[0], page[^1]);
            page.RemoveAll(paragraph => (ReferenceEquals(paragraph, head) || ReferenceEquals(paragraph, foot))
                && (Number().IsMatch(paragraph.Text) || (pages.Count >= 4 && edges.GetValueOrDefault(WithoutDigits(paragraph.Text)) > pages.Count * 0.6)));
        }
    }

    /// <summary>All paragraphs; a sentence that goes on on the next page is one.</summary>
    private static List<PdfParagraph> Continue(List<List<PdfParagraph>> pages)
    {
        var all = new List<(double Size, List<string> Parts)>();
        foreach (var page in pages)
        {
            foreach (var (index, paragraph) in page.Index())
            {
                if (index == 0 && all.Count > 0 && char.IsLower(paragraph.Text[0]) && all[^1].Parts[^1][^1] is not ('.' or '!' or '?' or ':') && Rounded(all[^1].Size) == Rounded(paragraph.Size))
                {
                    all[^1].Parts.Add(paragraph.Text);
                }
                else
                {
                    all.Add((paragraph.Size, [paragraph.Text]));
                }
            }
        }

        return [.. all.Select(paragraph => new PdfParagraph(Joined(paragraph.Parts), paragraph.Size))];
    }

    private static string Joined(List<string> parts)
    {
        var text = new StringBuilder(parts[0]);
        foreach (var part in parts.Skip(1))
        {
            PdfLayout.Join(text, part);
        }

        return text.ToString();
    }

    /// <summary>Sizes that are larger than that of most text; the largest is level 1.</summary>
    private static Dictionary<double, int> HeadingLevels(List<PdfParagraph> paragraphs)
    {
        if (paragraphs.Count == 0)
        {
            return [];
        }

        var body = paragraphs.GroupBy(paragraph => Rounded(paragraph.Size)).MaxBy(group => group.Sum(paragraph => (long)paragraph.Text.Length))?.Key ?? 0;
        return paragraphs
            .Where(IsTitle)
            .Select(paragraph => Rounded(paragraph.Size))
            .Where(size => size >= body * 1.15)
            .Distinct()
            .OrderDescending()
            .Select((size, index) => (size, Level: Math.Min(6, index + 1)))
            .ToDictionary(entry => entry.size, entry => entry.Level);
    }

    private static bool IsTitle(PdfParagraph paragraph) => paragraph.Text.Length <= 200 && paragraph.Text.Any(char.IsLetter);

    private static double Rounded(double size) => Math.Round(size * 2) / 2;

    private static string WithoutDigits(string text) => Digits().Replace(text, "#");

    [GeneratedRegex(@"^\W*(page\s+)?\d{1,5}(\s*(of|/)\s*\d{1,5})?\W*$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Number();

    [GeneratedRegex(@"\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
