using System.Globalization;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>Word's DOCX: paragraphs with their heading styles, lists, tables row by row. Read as a stream of elements, no part larger than the limit.</summary>
internal sealed class WordParser : IDocumentParser
{
    private const string Heading = "heading ";
    private const int MostHeadingStyles = 10_000;

    private static ReadOnlySpan<byte> CompoundFile => [0xD0, 0xCF, 0x11, 0xE0];

    public ExtractedText Parse(DocumentContent content, ParseLimits limits, CancellationToken cancellationToken)
    {
        if (content.Bytes.AsSpan().StartsWith(CompoundFile))
        {
            throw new DocumentException("The document is protected by a password, or it is of Word's old format (.doc): save it as .docx without a password.");
        }

        try
        {
            WordPackage.Check(content.Bytes, cancellationToken);
            using var stream = new MemoryStream(content.Bytes, writable: false);
            // Markup is many times its text.
            using var package = WordprocessingDocument.Open(stream, false, new OpenSettings { MaxCharactersInPart = 16L * limits.TextLength });
            var builder = new ExtractedTextBuilder(limits.TextLength);
            if (package.MainDocumentPart is { } part)
            {
                var headings = part.StyleDefinitionsPart is { } styles ? HeadingStyles(styles, cancellationToken) : [];
                new Body(builder, headings, limits.TextLength).Read(part, cancellationToken);
            }

            return builder.Build("The document has no text.");
        }
        catch (Exception error) when (error is OpenXmlPackageException or InvalidDataException or FileFormatException or System.Xml.XmlException)
        {
            throw new DocumentException("The file is not a valid Word document (.docx), or unpacks to more than a document may be.");
        }
    }

    /// <summary>A style's id depends on the language of the Word that wrote it, its name does not: <c>berschrift1</c> is named <c>heading 1</c>.</summary>
    private static Dictionary<string, int> HeadingStyles(StyleDefinitionsPart part, CancellationToken cancellationToken)
    {
        var levels = new Dictionary<string, int>(StringComparer.Ordinal);
        using var reader = OpenXmlReader.Create(part);
        string? id = null;
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (reader.IsStartElement && reader.ElementType == typeof(Style))
            {
                id = Attribute(reader, "styleId");
            }
            else if (reader.IsStartElement && reader.ElementType == typeof(StyleName) && id is not null && HeadingLevel(Attribute(reader, "val")) is { } level)
            {
                levels[id] = level;
                if (levels.Count > MostHeadingStyles)
                {
                    throw new DocumentException($"The document has more than {MostHeadingStyles} styles of headings.");
                }
            }
        }

        return levels;
    }

    private static int? HeadingLevel(string? name) =>
        string.Equals(name, "title", StringComparison.OrdinalIgnoreCase) ? 1
        : name?.StartsWith(Heading, StringComparison.OrdinalIgnoreCase) == true
            && int.TryParse(name.AsSpan(Heading.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var level) ? level
        : null;

    private static string? Attribute(OpenXmlReader reader, string name) =>
        reader.Attributes.FirstOrDefault(attribute => attribute.LocalName == name).Value;

    private sealed class Body(ExtractedTextBuilder builder, Dictionary<string, int> headings, int maximumLength)
    {
        private readonly StringBuilder _run = new();
        private readonly List<string> _cells = [];
        private long _length;
        private int _level;
        private bool _item;
        private int _cellDepth;

        internal void Read(MainDocumentPart part, CancellationToken cancellationToken)
        {
            using var reader = OpenXmlReader.Create(part);
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (reader.IsStartElement)
                {
                    Start(reader);
                }

                if (reader.IsEndElement)
                {
                    End(reader.ElementType);
                }
            }
        }

        private void Start(OpenXmlReader reader)
        {
            var type = reader.ElementType;
            if (type == typeof(Text))
            {
                var text = reader.GetText();
                _run.Append(text);
                _length += text.Length;
                // The builder sees a paragraph or a row when it ends.
                if (_length > maximumLength)
                {
                    throw ExtractedTextBuilder.TooLong(maximumLength);
                }
            }
            else if (type == typeof(TabChar) || type == typeof(Break) || type == typeof(CarriageReturn))
            {
                _run.Append(' ');
            }
            else if (type == typeof(NoBreakHyphen))
            {
                _run.Append('-');
            }
            else if (type == typeof(ParagraphStyleId) && Attribute(reader, "val") is { } style)
            {
                _level = headings.GetValueOrDefault(style);
            }
            else if (type == typeof(NumberingProperties))
            {
                _item = true;
            }
            else if (type == typeof(TableCell))
            {
                _cellDepth++;
            }
        }

        private void End(Type type)
        {
            if (type == typeof(Paragraph))
            {
                EndParagraph();
            }
            else if (type == typeof(TableCell))
            {
                _cellDepth--;
                _cells.Add(_run.ToString());
                _run.Clear();
            }
            else if (type == typeof(TableRow))
            {
                builder.AddRow(_cells);
                _cells.Clear();
            }
        }

        private void EndParagraph()
        {
            if (_cellDepth > 0)
            {
                _run.Append(' ');
                return;
            }

            var text = _run.ToString();
            _run.Clear();
            if (_level > 0)
            {
                builder.AddHeading(_level, text);
            }
            else if (_item && !string.IsNullOrWhiteSpace(text))
            {
                builder.AddItem("- " + text);
            }
            else
            {
                builder.AddParagraph(text);
            }

            (_level, _item) = (0, false);
        }
    }
}
