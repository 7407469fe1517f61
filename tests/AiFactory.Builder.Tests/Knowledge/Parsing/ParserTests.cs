using System.Globalization;
using System.IO.Compression;
using System.Text;
using AiFactory.Builder.Knowledge.Parsing;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace AiFactory.Builder.Tests.Knowledge.Parsing;

public class ParserTests
{
    [Fact]
    public void Markdown_keeps_its_structure_and_loses_its_marks()
    {
        const string text =
            """
            ---
            title: left out
            ---
            # The *oven*

            It heats to [220 degrees](https://example.com) in `12` minutes
            and no more.

            1. First
            2. Second with **weight**

            | Model | Price |
            |---|---|
            | A1 | 200 |

            ```sh
            heat  --to 220
            stop
            ```
            <!-- a comment -->
            """;

        Sample.Parse("a.md", text).Outline().ShouldBe(
            ["h1 The oven", "p It heats to 220 degrees in 12 minutes and no more.", "p 1. First", "p 2. Second with weight", "l Model | Price", "l A1 | 200", "l heat  --to 220\nstop"]);
    }

    [Fact]
    public void Html_is_what_a_reader_sees()
    {
        const string page =
            """
            <html><head><title>Not twice</title><style>p { color: red }</style></head><body><nav>Home | About</nav>
            <h1>The oven</h1><div>It heats to <b>220</b>&nbsp;degrees.<br>Slowly.<p hidden>unseen</p></div>
            <script>if (1 <b) { alert("no") }</script><pre>a
              b</pre><ul><li>one<li>two</ul><table><tr><td>A1<td><p>200</p></table></body></html>
            """;

        Sample.Parse("a.html", page).Outline().ShouldBe(
            ["h1 The oven", "p It heats to 220 degrees. Slowly.", "l a\n  b", "p - one", "p - two", "l A1 | 200"]);
    }

    [Fact]
    public void Html_that_is_nested_as_no_page_is_is_refused()
    {
        Sample.Refusal("a.html", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<div>", 6000)))).ShouldStartWith("The page is nested too deeply");
        Sample.Refusal("a.md", Encoding.ASCII.GetBytes(new string('>', 50_000) + "x")).ShouldBe("The Markdown is nested too deeply.");
        Sample.Parse("a.html", string.Concat(Enumerable.Repeat("<p>word<br>", 10_000))).Blocks.Count.ShouldBe(10_000);
    }

    /// <summary>End tags of what is not open, elements that are open without end tags, names that end by themselves elsewhere: whatever is nested, the parser's time grows.</summary>
    [Theory]
    [InlineData("a.html", "<div></x>")]
    [InlineData("a.html", "<rb>")]
    [InlineData("a.html", "<b><div></b>")]
    [InlineData("a.html", "<b id=%>")]
    [InlineData("a.md", "<div></x>")]
    public void Html_that_nests_in_ways_of_its_own_is_refused_all_the_same(string name, string unit)
    {
        var page = string.Concat(Enumerable.Range(0, 100_000).Select(number => unit.Replace("%", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)));

        Sample.Refusal(name, Encoding.ASCII.GetBytes($"{page}text")).ShouldStartWith("The page is nested too deeply");
    }

    [Fact]
    public void Html_whose_end_tags_stand_in_texts_and_attributes_is_read()
    {
        const string page = """<div hidden="hidden" title="<div>">no</div><textarea></div></textarea><p title='</p>'>yes <img alt="picture" src=x></p>""";

        Sample.Parse("a.html", page).Outline().ShouldBe(["p yes picture"]);
        Sample.Parse("a.html", """<meta charset="iso-8859-1"><p>Größe"""u8.ToArray()).Text.ShouldBe("GrÃ¶ÃŸe");
    }

    [Fact]
    public void Markdown_that_would_be_parsed_for_hours_is_left_when_its_time_is_over()
    {
        using var over = new CancellationTokenSource();
        over.CancelAfter(TimeSpan.FromSeconds(1));
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("[a](", 100_000)));

        Should.Throw<OperationCanceledException>(() => new MarkdownParser().Parse(new DocumentContent("a.md", null, text), new ParseLimits(1 << 20, 1 << 20), over.Token));
    }

    [Fact]
    public void Markdown_with_more_definitions_of_links_than_any_has_is_refused()
    {
        Sample.Refusal("a.md", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("[a]: u\n", 100_000))))
            .ShouldBe("The Markdown has more than 20000 definitions of links without an empty line between them.");
        Sample.Parse("a.md", $"{string.Concat(Enumerable.Repeat("[a]: u\n\n", 30_000))}text").Text.ShouldBe("text");
    }

    [Fact]
    public void Html_is_not_parsed_on_when_its_time_is_over()
    {
        using var over = new CancellationTokenSource();
        over.Cancel();

        Should.Throw<OperationCanceledException>(() => new HtmlDocumentParser().Parse(new DocumentContent("a.html", null, "<p>text"u8.ToArray()), new ParseLimits(100, 1 << 20), over.Token));
    }

    [Fact]
    public void Word_documents_with_styles_or_paragraphs_without_end_are_refused()
    {
        Sample.Refusal("a.docx", Word([new Paragraph(new Run(new Text("text")))], 10_001)).ShouldBe("The document has more than 10000 styles of headings.");
        Sample.Refusal("a.docx", Word([new Paragraph(Enumerable.Range(0, 300).Select(_ => new Run(new Text(new string('x', 4000)))))], 1))
            .ShouldBe("The document's text is longer than 1048576 characters (setting Knowledge:MaximumTextLength).");

        static byte[] Word(OpenXmlElement[] content, int styles)
        {
            using var stream = new MemoryStream();
            using (var package = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document))
            {
                var main = package.AddMainDocumentPart();
                main.AddNewPart<StyleDefinitionsPart>().Styles = new Styles(Enumerable.Range(0, styles).Select(number => new Style(new StyleName { Val = "heading 1" }) { StyleId = $"h{number}" }));
                main.Document = new Document(new Body(content));
            }

            return stream.ToArray();
        }
    }

    [Theory]
    [InlineData("_rels/.rels")]
    [InlineData("[Content_Types].xml")]
    public void Word_documents_whose_lists_of_parts_unpack_without_end_are_refused(string name)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry(name).Open();
            entry.Write("<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"u8);
            for (var part = 0; part < 40; part++)
            {
                entry.Write(Encoding.ASCII.GetBytes(new string(' ', 1 << 20)));
            }
        }

        stream.Length.ShouldBeLessThan(100_000);
        Sample.Refusal("a.docx", stream.ToArray()).ShouldBe("The document's lists of parts and references unpack to more than 32 MiB.");
    }

    [Theory]
    [InlineData(10_001, 8)]
    [InlineData(100_000, 8)]
    [InlineData(80, 60_000)]
    public void Word_documents_of_parts_without_end_are_refused(int parts, int nameLength)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var part = 0; part < parts; part++)
            {
                archive.CreateEntry(part.ToString(CultureInfo.InvariantCulture).PadLeft(nameLength, 'x'));
            }
        }

        var bytes = stream.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Sample.Refusal("a.docx", bytes).ShouldBe("The document is a ZIP file of more than 10000 parts, or lists them in more than 4 MiB.");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 << 20);
    }

    [Fact]
    public void Word_documents_are_read_by_the_names_of_their_styles()
    {
        using var stream = new MemoryStream();
        using (var package = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document))
        {
            var main = package.AddMainDocumentPart();
            main.AddNewPart<StyleDefinitionsPart>().Styles = new Styles(new Style(new StyleName { Val = "heading 2" }) { StyleId = "berschrift2", Type = StyleValues.Paragraph });
            main.Document = new Document(new Body(
                new Paragraph(new ParagraphProperties(new ParagraphStyleId { Val = "berschrift2" }), new Run(new Text("Der Ofen"))),
                new Paragraph(new Run(new Text("Er wird ") { Space = SpaceProcessingModeValues.Preserve }), new Run(new Text("220 Grad warm."))),
                new Table(new TableRow(new TableCell(new Paragraph(new Run(new Text("A1")))), new TableCell(new Paragraph(new Run(new Text("200"))))))));
        }

        Sample.Parse("a.docx", stream.ToArray()).Outline().ShouldBe(["h2 Der Ofen", "p Er wird 220 Grad warm.", "l A1 | 200"]);
        Sample.Refusal("a.docx", [0xD0, 0xCF, 0x11, 0xE0, 1, 2]).ShouldStartWith("The document is protected by a password");
        Sample.Refusal("a.docx", Encoding.ASCII.GetBytes("PK no zip")).ShouldStartWith("The file is not a valid Word document (.docx)");
        Sample.Refusal("a.docx", stream.ToArray()[..400]).ShouldStartWith("The file is not a valid Word document (.docx)");
    }

    [Theory]
    [InlineData(new byte[] { 0x47, 0x72, 0xC3, 0xB6, 0xC3, 0x9F, 0x65 }, null)]
    [InlineData(new byte[] { 0x47, 0x72, 0xF6, 0xDF, 0x65 }, null)]
    [InlineData(new byte[] { 0x47, 0x72, 0xF6, 0xDF, 0x65 }, "iso-8859-1")]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x47, 0, 0x72, 0, 0xF6, 0, 0xDF, 0, 0x65, 0 }, null)]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0x47, 0x72, 0xC3, 0xB6, 0xC3, 0x9F, 0x65 }, "no-such-charset")]
    public void Text_is_read_in_the_encoding_that_it_has(byte[] bytes, string? charset)
    {
        Sample.Parse("a.txt", bytes, charset).Text.ShouldBe("Größe");
    }

    [Fact]
    public void What_is_no_text_or_empty_is_refused()
    {
        Sample.Refusal("a.txt", [0x7F, 0x45, 0x4C, 0x46, 0, 0, 1]).ShouldStartWith("'a.txt' is not text");
        Sample.Refusal("a.txt", " \n \n"u8.ToArray()).ShouldBe("The document is empty.");
        Sample.Refusal("a.md", "<!-- nothing -->"u8.ToArray()).ShouldBe("The document is empty.");
    }

    [Fact]
    public void A_text_that_the_database_could_not_hold_is_made_clean()
    {
        Sample.Parse("a.md", "A\u00ADb\u200Bc \uFFFE").Text.ShouldBe("Abc \uFFFE");
        Sample.Parse("a.txt", Encoding.UTF8.GetBytes("one\r\ntwo\t\r\n\r\nthree")).Outline().ShouldBe(["p one\ntwo", "p three"]);
    }
}
