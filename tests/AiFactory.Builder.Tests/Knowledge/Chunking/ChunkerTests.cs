using System.Text;
using AiFactory.Builder.Knowledge.Chunking;
using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.Builder.Tests.Knowledge.Parsing;
using AiFactory.Testing;

namespace AiFactory.Builder.Tests.Knowledge.Chunking;

public class ChunkerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_heading_begins_a_passage_and_names_what_follows()
    {
        var text = Sample.Parse("a.md", $"# Oven\n\n{Words("heat", 20)}\n\n## Cleaning\n\n{Words("clean", 20)}\n\n{Words("wipe", 20)}");

        var chunks = new Chunker(150, 0).Divide(text, Token);

        Texts(text, chunks).Select(chunk => chunk[..8]).ShouldBe(["Oven\n\nhe", "Cleaning", "wipe wip"]);
        chunks.Select(chunk => chunk.Heading).ShouldBe(["", "Oven", "Oven > Cleaning"]);
    }

    [Fact]
    public void A_long_paragraph_is_divided_between_sentences_and_repeats_the_last()
    {
        var text = Sample.Parse("a.md", "The oven is hot. It was made by Dr. Smith, e.g. for bread. Bread is good! Is it? Yes (it is). The end of it.");

        var chunks = new Chunker(60, 20).Divide(text, Token);

        Texts(text, chunks).ShouldBe(
        [
            "The oven is hot. It was made by Dr. Smith, e.g. for bread.",
            "Bread is good! Is it? Yes (it is). The end of it.",
        ]);
        Texts(text, new Chunker(45, 20).Divide(text, Token)).ShouldBe(
        [
            "The oven is hot.",
            "It was made by Dr. Smith, e.g. for bread.",
            "Bread is good! Is it? Yes (it is).",
            "Is it? Yes (it is). The end of it.",
        ]);
    }

    [Fact]
    public void A_word_that_is_longer_than_a_passage_is_cut_but_never_within_a_character()
    {
        var text = Sample.Parse("a.md", string.Concat(Enumerable.Repeat("😀", 99)));

        var chunks = new Chunker(101, 0).Divide(text, Token);

        chunks.Select(chunk => chunk.End - chunk.Start).ShouldBe([100, 98]);
    }

    [Fact]
    public void Titles_that_are_cut_keep_their_characters_whole()
    {
        var text = Sample.Parse("a.md", $"# x{string.Concat(Enumerable.Repeat("😀", 150))}\n\n{Words("heat", 60)}");

        var headings = new Chunker(100, 0).Divide(text, Token).Select(chunk => chunk.Heading).ToList();

        headings[^1].Length.ShouldBe(199);
        headings.ShouldAllBe(heading => !heading.EnumerateRunes().Contains(Rune.ReplacementChar));
    }

    [Fact]
    public void A_title_as_long_as_a_book_is_not_copied_for_each_title_below_it()
    {
        var text = Sample.Parse("a.md", $"# {new string('x', 500_000)}\n\n{string.Concat(Enumerable.Range(0, 2000).Select(number => $"## {number}\n\n{Words("heat", 40)}\n\n"))}");
        var before = GC.GetAllocatedBytesForCurrentThread();

        var chunks = new Chunker(600, 0).Divide(text, Token);

        chunks[^1].Heading.ShouldBe(new string('x', 200));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(200 << 20);
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(600, 100)]
    [InlineData(300, 150)]
    [InlineData(8000, 4000)]
    public void Of_the_repository_s_own_documents_nothing_is_lost_and_nothing_is_too_long(int size, int overlap)
    {
        foreach (var file in Directory.EnumerateFiles(RepositoryFolder.Root, "README.md", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }))
        {
            var text = Sample.Parse("README.md", File.ReadAllBytes(file));

            var chunks = new Chunker(size, overlap).Divide(text, Token);

            chunks.ShouldAllBe(chunk => chunk.End - chunk.Start <= size && chunk.End > chunk.Start);
            chunks.Select(chunk => chunk.Ordinal).ShouldBe(Enumerable.Range(0, chunks.Count));
            Uncovered(text, chunks).ShouldBeEmpty(file);
            for (var i = 1; i < chunks.Count; i++)
            {
                chunks[i].Start.ShouldBeGreaterThan(chunks[i - 1].Start);
                (chunks[i - 1].End - chunks[i].Start).ShouldBeLessThanOrEqualTo(overlap);
            }
        }
    }

    /// <summary>What stands in no passage, but for white space.</summary>
    private static string Uncovered(ExtractedText text, IReadOnlyList<Chunk> chunks)
    {
        var left = new StringBuilder();
        var end = 0;
        foreach (var chunk in chunks)
        {
            left.Append(text.Text.AsSpan(end, Math.Max(0, chunk.Start - end)));
            end = Math.Max(end, chunk.End);
        }

        return left.Append(text.Text.AsSpan(end)).ToString().Trim();
    }

    private static IEnumerable<string> Texts(ExtractedText text, IReadOnlyList<Chunk> chunks) => chunks.Select(chunk => text.Text[chunk.Start..chunk.End]);

    private static string Words(string word, int count) => string.Join(' ', Enumerable.Repeat(word, count)) + ".";
}
