using System.Text;
using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.Testing;

namespace AiFactory.Builder.Tests.Knowledge.Parsing;

/// <summary>Parses bytes as the ingestion does.</summary>
internal static class Sample
{
    internal static byte[] Read(string name) =>
        File.ReadAllBytes(Path.Combine(RepositoryFolder.Root, "tests", "AiFactory.Builder.Tests", "Knowledge", "Parsing", "Samples", name));

    internal static ExtractedText Parse(string name, byte[] bytes, string? charset = null, int maximumLength = 1 << 20, long pdfBytes = 512L << 20) =>
        (DocumentFormats.Find("", name) ?? throw new InvalidOperationException($"No parser reads {name}."))
            .Parser.Parse(new DocumentContent(name, charset, bytes), new ParseLimits(maximumLength, pdfBytes), TestContext.Current.CancellationToken);

    internal static ExtractedText Parse(string name, string text) => Parse(name, Encoding.UTF8.GetBytes(text));

    internal static string Refusal(string name, byte[] bytes) => Should.Throw<DocumentException>(() => Parse(name, bytes)).Message;

    /// <summary>One line a block: <c>h1 Title</c>, <c>p Text</c>, <c>l Line</c>.</summary>
    internal static string[] Outline(this ExtractedText text) =>
        [.. text.Blocks.Select(block => $"{Mark(block)} {text.Text[block.Start..block.End]}")];

    private static string Mark(TextBlock block) => block.Kind switch
    {
        TextBlockKind.Heading => $"h{block.Level}",
        TextBlockKind.Paragraph => "p",
        _ => "l",
    };
}
