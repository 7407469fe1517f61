using System.Globalization;
using System.Text;
using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.Builder.Knowledge.Parsing.Pdf;

namespace AiFactory.Builder.Tests.Knowledge.Parsing;

public class PdfTests
{
    private const string Long = "so that this paragraph goes over more than one line of the page.";

    [Theory]
    [InlineData("browser.pdf")]
    [InlineData("object-streams.pdf")]
    public void What_a_browser_printed_is_read_with_its_headings_ligatures_and_accents(string sample)
    {
        var text = Sample.Parse("guide.pdf", Sample.Read(sample));

        var outline = text.Outline();
        outline[0].ShouldBe("h1 Operating the oven");
        outline[1].ShouldStartWith("p The oven heats to 220 degrees. Größe, naïve, efficient office — “quoted” €5 fi fl. It needs twelve minutes");
        outline[1].ShouldEndWith(Long);
        outline[2].ShouldBe("h2 Cleaning");
        outline[^1].ShouldBe("p On the second page is a secret: the code is 4711.");
    }

    [Theory]
    [InlineData("browser.pdf")]
    [InlineData("object-streams.pdf")]
    public void A_file_whose_table_of_objects_is_lost_is_searched_for_them(string sample)
    {
        var whole = Sample.Read(sample);
        var end = whole.AsSpan().LastIndexOf("startxref"u8);

        var text = Sample.Parse("guide.pdf", [.. whole.AsSpan(0, end), .. "startxref\n99\n%%EOF\n"u8]);

        text.Outline().ShouldBe(Sample.Parse("guide.pdf", whole).Outline());
    }

    [Fact]
    public void A_file_that_breaks_off_is_damaged_and_not_read_in_part()
    {
        Sample.Refusal("guide.pdf", Sample.Read("browser.pdf")[..20000]).ShouldStartWith("The PDF is damaged and cannot be read. A part of it is missing");
    }

    [Fact]
    public void A_file_with_a_password_is_refused_with_what_to_do()
    {
        Sample.Refusal("guide.pdf", Sample.Read("encrypted.pdf")).ShouldBe("The PDF is encrypted: save it without a password and without restrictions, and upload that.");
    }

    [Fact]
    public void A_page_that_is_a_picture_has_no_text()
    {
        Sample.Refusal("scan.pdf", new TinyPdf("q 612 0 0 792 0 0 cm /Im1 Do Q").ToBytes()).ShouldStartWith("The PDF has no text; it probably holds scanned pages.");
    }

    [Fact]
    public void A_font_that_does_not_say_its_characters_is_refused_rather_than_read_as_garbage()
    {
        const string font = "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [<< /Subtype /CIDFontType2 /DW 500 >>] >>";

        Sample.Refusal("x.pdf", new TinyPdf("BT /F1 12 Tf <000100020003> Tj ET", font).ToBytes()).ShouldStartWith("The PDF's text cannot be read: its fonts do not say which characters they show.");
    }

    [Fact]
    public void Gaps_are_spaces_lines_are_joined_and_divided_words_are_one_again()
    {
        const string contents =
            """
            BT /F1 12 Tf 72 700 Td [(The) -300 (ov) 20 (en)] TJ 0 -14 Td (heats to two hun-) Tj 0 -14 Td (dred degrees.) Tj
            0 -40 Td (A new paragraph, \(with brackets\) and \351.) Tj 100 0 Td ET
            """;

        Sample.Parse("x.pdf", new TinyPdf(contents, filter: "Flate").ToBytes()).Outline()
            .ShouldBe(["p The oven heats to two hundred degrees.", "p A new paragraph, (with brackets) and é."]);
    }

    [Fact]
    public void A_map_to_unicode_goes_before_the_encoding_and_glyph_names_are_understood()
    {
        const string font = "<< /Type /Font /Subtype /Type1 /BaseFont /X /FirstChar 1 /Widths [500 500 500 500] /ToUnicode 6 0 R /Encoding << /Differences [1 /A /f_i /eacute /uni0416] >> >>";
        const string map = "1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <01> <00480069> endbfchar";

        Sample.Parse("x.pdf", new TinyPdf("BT /F1 12 Tf 72 700 Td <01020304> Tj ET", font).AddStream(Encoding.ASCII.GetBytes(map)).ToBytes()).Text.ShouldBe("HifiéЖ");
    }

    [Fact]
    public void What_the_author_says_is_meant_stands_for_what_is_shown_and_artifacts_are_left_out()
    {
        const string contents =
            "BT /F1 12 Tf 72 700 Td /Artifact BMC (Page 1 of 9) Tj EMC 0 -40 Td /Span << /ActualText (really meant) >> BDC (s) Tj (hown) Tj EMC ET";

        Sample.Parse("x.pdf", new TinyPdf(contents).ToBytes()).Text.ShouldBe("really meant");
    }

    [Fact]
    public void A_page_s_number_is_left_out_and_a_number_within_the_page_is_not()
    {
        const string contents = "BT /F1 12 Tf 72 700 Td (Price) Tj 0 -60 Td (200) Tj 0 -60 Td (Weight) Tj 0 -500 Td (- 7 -) Tj ET";

        Sample.Parse("x.pdf", new TinyPdf(contents).ToBytes()).Outline().ShouldBe(["p Price", "p 200", "p Weight"]);
    }

    [Fact]
    public void A_form_that_shows_itself_ends()
    {
        var pdf = new TinyPdf("/X Do", resources: "/XObject << /X 6 0 R >>")
            .AddStream(Encoding.ASCII.GetBytes("BT /F1 12 Tf 72 700 Td (once) Tj ET /X Do"), "/Type /XObject /Subtype /Form");

        Sample.Parse("x.pdf", pdf.ToBytes()).Text.ShouldBe("once");
    }

    [Fact]
    public void A_stream_that_unpacks_to_too_much_is_refused()
    {
        var bomb = TinyPdf.Deflate(new byte[20 << 20]);
        var file = new PdfFile(new TinyPdf("").AddStream(bomb, "/Filter /FlateDecode").ToBytes(), new PdfBudget(1 << 20, CancellationToken.None));

        Should.Throw<DocumentException>(() => file.Decode((PdfObject.Stream)file.Resolve(new PdfObject.Reference(6)))).Message.ShouldBe("The PDF unpacks to more than 1 MiB (setting Knowledge:MaximumPdfBytes).");
        bomb.Length.ShouldBeLessThan(100_000);
    }

    [Fact]
    public void Pages_that_are_missing_are_told_and_a_tree_of_pages_that_bites_its_tail_ends()
    {
        var pdf = Encoding.Latin1.GetString(new TinyPdf("BT /F1 12 Tf (text) Tj ET").ToBytes()).Replace("/Kids [3 0 R] /Count 1", "/Kids [3 0 R 2 0 R] /Count 3", StringComparison.Ordinal);

        Sample.Refusal("x.pdf", Encoding.Latin1.GetBytes(pdf)).ShouldBe("The PDF is damaged: 1 of its 3 pages can be read.");
    }

    [Fact]
    public void Streams_whose_lengths_stand_in_streams_whose_lengths_do_are_refused()
    {
        var pdf = new TinyPdf("");
        for (var number = 6; number < 60_000; number++)
        {
            pdf.Add($"<< /Length {number + 1} 0 R >>\nstream\n\nendstream");
        }

        var bytes = Encoding.Latin1.GetString(pdf.ToBytes()).Replace("/Contents 4 0 R", "/Contents 6 0 R", StringComparison.Ordinal);

        Sample.Refusal("x.pdf", Encoding.Latin1.GetBytes(bytes)).ShouldBe("The PDF is damaged and cannot be read. To read one object, more than 32 others have to be read.");
    }

    [Fact]
    public void A_tree_of_pages_that_grows_with_every_level_is_refused()
    {
        var pdf = new TinyPdf("");
        for (var number = 6; number < 60; number++)
        {
            pdf.Add($"[<< /Kids {number + 1} 0 R >> << /Kids {number + 1} 0 R >>]");
        }

        var bytes = Encoding.Latin1.GetString(pdf.ToBytes()).Replace("/Kids [3 0 R]", "/Kids  6 0 R ", StringComparison.Ordinal);

        Sample.Refusal("x.pdf", Encoding.Latin1.GetBytes(bytes)).ShouldBe("The PDF is damaged and cannot be read. Its tree of pages has more than 1000000 nodes.");
    }

    /// <summary>Each of these took seconds to minutes, or gigabytes, of a file of at most some hundred kilobytes.</summary>
    [Theory]
    [InlineData("(")]
    [InlineData("<< >> stream\n")]
    [InlineData("trailer (")]
    public void A_file_of_many_objects_without_an_end_is_refused(string beginning)
    {
        var text = new StringBuilder("%PDF-1.7\n");
        for (var number = 1; number < 20_000; number++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{number} 0 obj {beginning}\n");
        }

        Should.Throw<DocumentException>(() => new PdfFile(Encoding.ASCII.GetBytes(text.ToString()), new PdfBudget(32 << 20, CancellationToken.None)))
            .Message.ShouldBe("The PDF unpacks to more than 32 MiB (setting Knowledge:MaximumPdfBytes).");
    }

    [Fact]
    public void A_row_of_a_picture_may_not_be_longer_than_the_picture()
    {
        var file = new PdfFile(
            new TinyPdf("").AddStream(TinyPdf.Deflate([2, 1, 2, 3]), "/Filter /FlateDecode /DecodeParms << /Predictor 12 /Colors 60 /Columns 16777216 >>").ToBytes(),
            new PdfBudget(1 << 20, CancellationToken.None));

        file.Decode((PdfObject.Stream)file.Resolve(new PdfObject.Reference(6))).ToArray().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void Entries_and_codes_and_widths_cost_what_they_take_in_memory()
    {
        var budget = new PdfBudget(1 << 20, CancellationToken.None);
        var table = new StringBuilder("beginbfchar ");
        for (var code = 0; code < 20_000; code++)
        {
            table.Append(CultureInfo.InvariantCulture, $"<{code:x4}><41>");
        }

        Should.Throw<DocumentException>(() => PdfCMap.Parse(Encoding.ASCII.GetBytes(table.ToString()), budget)).Message.ShouldBe("The PDF unpacks to more than 1 MiB (setting Knowledge:MaximumPdfBytes).");
        Should.Throw<DocumentException>(() => Decoded(new string('z', 400_000), "/ASCII85Decode")).Message.ShouldBe("The PDF unpacks to more than 1 MiB (setting Knowledge:MaximumPdfBytes).");
        Should.Throw<DocumentException>(() => CrossReference(new byte[40_000])).Message.ShouldBe("The PDF unpacks to more than 1 MiB (setting Knowledge:MaximumPdfBytes).");

        static void Decoded(string data, string filter)
        {
            var file = new PdfFile(new TinyPdf("").AddStream(Encoding.ASCII.GetBytes(data), $"/Filter {filter}").ToBytes(), new PdfBudget(1 << 20, CancellationToken.None));
            file.Decode((PdfObject.Stream)file.Resolve(new PdfObject.Reference(6)));
        }

        static void CrossReference(byte[] rows)
        {
            var bytes = Encoding.Latin1.GetString(new TinyPdf("").AddStream(rows, "/Type /XRef /W [0 0 1] /Size 40000 /Root 1 0 R").ToBytes());
            var at = bytes.IndexOf("6 0 obj", StringComparison.Ordinal);
            _ = new PdfFile(Encoding.Latin1.GetBytes($"{bytes}startxref\n{at}\n%%EOF\n"), new PdfBudget(1 << 20, CancellationToken.None));
        }
    }

    [Fact]
    public void A_range_of_widths_takes_no_room_for_each_of_its_glyphs()
    {
        var ranges = string.Concat(Enumerable.Range(0, 3000).Select(i => $"{i * 65536} {(i * 65536) + 65535} 500 "));
        var font = $"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [<< /Subtype /CIDFontType2 /DW 500 /W [{ranges}] >>] >>";
        var map = "1 beginbfchar <0001> <0041> endbfchar"u8.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Sample.Parse("x.pdf", new TinyPdf("BT /F1 12 Tf 72 700 Td <0001> Tj ET", font).AddStream(map).ToBytes()).Text.ShouldBe("A");

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(50 << 20);
    }

    [Fact]
    public void A_code_that_stands_for_a_book_is_refused_when_the_text_becomes_too_long()
    {
        const string font = "<< /Type /Font /Subtype /Type1 /BaseFont /X /ToUnicode 6 0 R >>";
        var map = Encoding.ASCII.GetBytes($"1 beginbfchar <01> <{string.Concat(Enumerable.Repeat("0041", 100_000))}> endbfchar");
        var pdf = new TinyPdf($"BT /F1 12 Tf 72 700 Td <{string.Concat(Enumerable.Repeat("01", 50_000))}> Tj ET", font).AddStream(map);

        Sample.Refusal("x.pdf", pdf.ToBytes()).ShouldBe("The document's text is longer than 1048576 characters (setting Knowledge:MaximumTextLength).");
    }

    [Fact]
    public void A_sentence_that_goes_on_over_thousands_of_pages_is_put_together_once()
    {
        var contents = $"BT /F1 12 Tf 72 700 Td (Head) Tj 0 -60 Td ({new string('x', 300)}) Tj 0 -60 Td (Foot) Tj ET";
        const string page = "<< /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >> ";
        var pdf = new TinyPdf(contents).Add($"[{string.Concat(Enumerable.Repeat(page, 3000))}]").ToBytes();
        var bytes = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(pdf).Replace("/Kids [3 0 R]", "/Kids  6 0 R ", StringComparison.Ordinal));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Sample.Parse("x.pdf", bytes).Text.Length.ShouldBe((3000 * 301) - 1);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1L << 30);
    }

    /// <summary>Whatever is changed in a file, it is read or refused with a sentence: nothing else comes out.</summary>
    [Fact]
    public void A_file_with_random_faults_is_read_or_refused()
    {
        var random = new Random(4);
        byte[][] samples = [Sample.Read("object-streams.pdf"), new TinyPdf("BT /F1 12 Tf 72 700 Td [(The) -300 (oven)] TJ ET").ToBytes()];
        for (var round = 0; round < 150; round++)
        {
            var bytes = (byte[])samples[round % 2].Clone();
            for (var fault = 0; fault < 1 + (round % 20); fault++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Should.NotThrow(() => Try(bytes), $"round {round}");
        }

        static void Try(byte[] bytes)
        {
            try
            {
                Sample.Parse("x.pdf", bytes);
            }
            catch (DocumentException error)
            {
                error.Message.ShouldNotBeEmpty();
            }
        }
    }
}
