using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Testing.Postgres;
using AiFactory.Testing.Retrieval;

namespace AiFactory.Builder.Tests.Knowledge.Search;

/// <summary>Search by words, without a model.</summary>
public sealed class TextSearchTests(PostgresFixture postgres)
{
    private const int Nearest = 5;

    [Fact]
    public async Task It_finds_more_of_what_is_asked_for_than_plain_BM25()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var set = RetrievalSet.Load();
        // Of this size a passage never holds two of the set's.
        await client.CreateBaseAsync("set", chunkSize: 260, chunkOverlap: 0);
        var document = await client.TakeInAsync("set", "set.txt", string.Join("\n\n", set.Passages));
        document.Chunks.ShouldBe(set.Passages.Count, document.Error);

        var hits = 0;
        for (var question = 0; question < set.Questions.Count; question++)
        {
            var found = await client.SearchAsync("set", set.Questions[question], SearchModes.Text, Nearest);
            hits += found.Results.Count(passage => passage.Ordinal == set.Answers[question]);
        }

        var plain = new Bm25(set.Passages);
        var words = RetrievalScore.Of(set, question => plain.Rank(set.Questions[question]));
        TestContext.Current.SendDiagnosticMessage($"hit@{Nearest}: {hits} of {set.Questions.Count}; plain BM25 {words.HitAt5}");
        ((double)hits / set.Questions.Count).ShouldBeGreaterThan(words.HitAt5);
    }

    [Fact]
    public async Task A_rare_word_counts_more_than_a_common_one_that_is_repeated()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("rare", chunkSize: 100, chunkOverlap: 0);
        var common = Enumerable.Range(0, 30).Select(number => $"The gateway number {number} of all gateways is a gateway beside the other gateway, says the list.");
        await client.TakeInAsync("rare", "list.txt", string.Join("\n\n", [.. common, "A valve closes here, which is a thing that has nothing to do with what the list above says of anything."]));

        var found = await client.SearchAsync("rare", "Which gateway has a valve?", SearchModes.Text, 1);

        found.Results.ShouldHaveSingleItem().Text.ShouldContain("valve");
    }

    [Theory]
    [InlineData(@"where is O'Neil's \ path /etc/passwd and 'this'")]
    [InlineData("a & b | !c <-> (d) :* '")]
    [InlineData("the of and")]
    public async Task No_text_is_taken_for_a_query_language(string query)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("odd");
        await client.TakeInAsync("odd", "odd.txt", @"O'Neil keeps \ paths such as /etc/passwd in 'this' and \\server\'share'.");

        var found = await client.SearchAsync("odd", query, SearchModes.Text);

        found.Results.Count.ShouldBeLessThanOrEqualTo(1);
    }
}
