using System.Globalization;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>Word's DOCX: paragraphs with their heading styles, lists, tables row by row. Read as a stream of elements, no part larger than the limit.</summary>
internal sealed class WordParser : IDocumentParser
{
    private static ReadOnlySpan<byte> CompoundFile => [0xD0, 0xCF, 0x11, 0xE0];

    public ExtractedText Parse(DocumentContent content, int maximumLength, CancellationToken cancellationToken)
    {
        if (content.Bytes.AsSpan().StartsWith(CompoundFile))
        {
            throw new DocumentException("The document is protected by a password, or it is of Word's old format (.doc): save it as .docx without a password.");
        }

        try
        {
            using var stream = new MemoryStream(content.Bytes, writable: false);
            // Markup is many times its text.
            using var package = WordprocessingDocument.Open(stream, false, new OpenSettings { MaxCharactersInPart = 16L * maximumLength });
            var builder = new ExtractedTextBuilder(maximumLength);
            if (package.MainDocumentPart is { } part)
            {
                new Body(builder, HeadingStyles(part.StyleDefinitionsPart)).Read(part, cancellationToken);
            }

            return builder.Build("The document has no text.");
        }
        catch (Exception error) when (error is OpenXmlPackageException or InvalidDataException or FileFormatException or System.Xml.XmlException)
        {
            throw new DocumentException("The file is not a valid Word document (.docx), or unpacks to more than a document may be.");
        }
    }

    /// <summary>A style's id depends on the language of the Word that wrote it, its name does not: <c>berschrift1</c> is named <c>heading 1</c>.</summary>
    private static Dictionary<string, int> HeadingStyles(StyleDefinitionsPart? part)
    {
        var levels = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var style in part?.Styles?.Elements<Style>() ?? [])
        {
            if (style.StyleId?.Value is not { } id || style.StyleName?.Val?.Value is not { } name)
            {
                continue;
            }

            if (name.Equals("title", StringComparison.OrdinalIgnoreCase))
            {
                levels[id] = 1;
            }
            else if (name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(name.AsSpan("heading ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var level))
            {
                levels[id] = level;
            }
        }

        return levels;
    }

    private sealed class Body(ExtractedTextBuilder builder, Dictionary<string, int> headings)
    {
        private readonly StringBuilder _run = new();
        private readonly List<string> _cells = [];
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
                _run.Append(reader.GetText());
            }
            else if (type == typeof(TabChar) || type == typeof(Break) || type == typeof(CarriageReturn))
            {
                _run.Append(' ');
            }
            else if (type == typeof(NoBreakHyphen))
            {
                _run.Append('-');
            }
            else if (type == typeof(ParagraphStyleId) && Value(reader) is { } style)
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

        private static string? Value(OpenXmlReader reader) =>
            reader.Attributes.FirstOrDefault(attribute => attribute.LocalName == "val").Value;
    }
}
