using System.Collections.Frozen;
using AiFactory.Builder.Knowledge.Parsing.Pdf;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>The kinds of documents that can be read, by their content type or, where that says nothing, by the ending of their name.</summary>
internal static class DocumentFormats
{
    internal const string Readable = "plain text, Markdown (.md), HTML, PDF and Word (.docx)";

    private static readonly DocumentFormat Text = new("text/plain", new PlainTextParser());
    private static readonly DocumentFormat Markdown = new("text/markdown", new MarkdownParser());
    private static readonly DocumentFormat Html = new("text/html", new HtmlDocumentParser());
    private static readonly DocumentFormat Pdf = new("application/pdf", new PdfParser());
    private static readonly DocumentFormat Word = new("application/vnd.openxmlformats-officedocument.wordprocessingml.document", new WordParser());

    private static readonly FrozenDictionary<string, DocumentFormat> ByType = new Dictionary<string, DocumentFormat>
    {
        [Markdown.ContentType] = Markdown,
        ["text/x-markdown"] = Markdown,
        [Html.ContentType] = Html,
        ["application/xhtml+xml"] = Html,
        [Pdf.ContentType] = Pdf,
        ["application/x-pdf"] = Pdf,
        [Word.ContentType] = Word,
        ["application/json"] = Text,
        ["application/xml"] = Text,
        ["application/yaml"] = Text,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, DocumentFormat> ByEnding = new Dictionary<string, DocumentFormat>
    {
        [".md"] = Markdown,
        [".markdown"] = Markdown,
        [".htm"] = Html,
        [".html"] = Html,
        [".xhtml"] = Html,
        [".pdf"] = Pdf,
        [".docx"] = Word,
        [".txt"] = Text,
        [".text"] = Text,
        [".log"] = Text,
        [".csv"] = Text,
        [".tsv"] = Text,
        [".json"] = Text,
        [".jsonl"] = Text,
        [".xml"] = Text,
        [".yaml"] = Text,
        [".yml"] = Text,
        [".rst"] = Text,
        [".adoc"] = Text,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <param name="mediaType">Without parameters; empty when the upload named none.</param>
    /// <returns>Null when no parser reads such a document.</returns>
    internal static DocumentFormat? Find(string mediaType, string name)
    {
        // Browsers send .md as text/plain or as nothing: among texts, the name knows better.
        var vague = mediaType is "" or "application/octet-stream" or "text/plain";
        if (vague && ByEnding.TryGetValue(Path.GetExtension(name), out var named))
        {
            return named;
        }

        return ByType.TryGetValue(mediaType, out var typed) ? typed
            : mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) ? Text
            : null;
    }
}
