using AiFactory.Builder.Tests.Edges;
using AiFactory.Builder.Tests.Knowledge.Parsing;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Testing.Postgres;
using Npgsql;

namespace AiFactory.Builder.Tests.Knowledge;

/// <summary>From an upload to what a search finds, and what a change costs.</summary>
public sealed class PipelineTests(PostgresFixture postgres)
{
    private const string Oven = "The oven heats to 220 degrees and beeps when it is hot, which takes it some twelve minutes.\n\nClean the glass with vinegar every Friday.";
    private const string Edited = "The oven heats to 220 degrees and beeps when it is hot, which takes it some twelve minutes.\n\nClean the glass with lemon every Monday.";
    private const string Fridge = "The fridge cools to four degrees, and to two when the summer switch is on: then it hums.\n\nDefrost the fridge with warm water.";

    private static readonly string[] Modes = [SearchModes.Hybrid, SearchModes.Vector, SearchModes.Text];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_edited_file_alone_is_embedded_again_and_a_deleted_one_is_found_by_no_search()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual", chunkSize: 100, chunkOverlap: 0);
        var oven = await client.TakeInAsync("manual", "oven.txt", Oven);
        var fridge = await client.TakeInAsync("manual", "fridge.txt", Fridge);
        (oven.Chunks, fridge.Chunks).ShouldBe((2, 2));
        builder.Gateway.Texts().Count.ShouldBe(4);
        var before = await VectorsAsync(builder, fridge.Id);

        // 1. The edit costs the edited file's passages; of the other file not a row is written.
        var edited = await client.TakeInAsync("manual", "oven.txt", Edited);
        (edited.Id, edited.State, edited.Chunks).ShouldBe((oven.Id, DocumentStates.Ready, 2));
        builder.Gateway.Texts().Skip(4).ShouldBe(["The oven heats to 220 degrees and beeps when it is hot, which takes it some twelve minutes.", "Clean the glass with lemon every Monday."]);
        (await VectorsAsync(builder, fridge.Id)).ShouldBe(before);
        foreach (var mode in Modes)
        {
            var found = (await client.SearchAsync("manual", "Clean the glass with lemon", mode)).Results;
            found[0].Text.ShouldBe("Clean the glass with lemon every Monday.", mode);
            found.ShouldAllBe(passage => !passage.Text.Contains("vinegar"), mode);
        }

        // 2. What is deleted is gone from every search, the other file is not.
        (await client.DeleteAsync(new Uri($"{KnowledgeApi.Bases}/manual/documents/{oven.Id}", UriKind.Relative), Token)).EnsureSuccessStatusCode();
        foreach (var mode in Modes)
        {
            (await client.SearchAsync("manual", "Clean the glass with lemon, defrost the fridge", mode)).Results.Select(passage => passage.DocumentId).Distinct().ShouldBe([fridge.Id], mode);
        }

        (await client.SearchAsync("manual", "lemon", SearchModes.Text)).Results.ShouldBeEmpty();
        (await VectorsAsync(builder, oven.Id)).ShouldBeNull();
    }

    [Theory]
    [InlineData("page.html", "text/html")]
    [InlineData("browser.pdf", "application/pdf")]
    [InlineData("object-streams.pdf", "application/pdf")]
    public async Task What_a_search_finds_in_a_file_is_what_its_offsets_cut_out_of_the_files_text(string file, string type)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual", chunkSize: 100, chunkOverlap: 20);

        var document = await client.TakeInAsync("manual", file, Sample.Read(file), type);

        (document.State, document.ContentType).ShouldBe((DocumentStates.Ready, type), document.Error);
        document.Chunks.ShouldBeGreaterThan(2);
        var whole = await client.TextAsync("manual", document.Id);
        whole.Text.Length.ShouldBe(whole.Total);
        whole.Text.ShouldContain("Größe, naïve, efficient office — “quoted” €5");
        foreach (var (question, answer) in new[] { ("Which secret code is on the second page?", "the code is 4711"), ("Is the glass cleaned with vinegar?", "Clean the glass with vinegar."), ("Größe naïve quoted", "naïve") })
        {
            var found = (await client.SearchAsync("manual", question)).Results;
            found[0].Text.ShouldContain(answer);
            foreach (var passage in found)
            {
                whole.Text[passage.Start..passage.End].ShouldBe(passage.Text);
                (await client.TextAsync("manual", document.Id, passage.Start, passage.End - passage.Start)).Text.ShouldBe(passage.Text);
            }
        }
    }

    /// <summary>A document's vectors with the transactions that wrote them; null when there are none.</summary>
    private static async Task<string?> VectorsAsync(BuilderUnderTest builder, Guid document)
    {
        await using var source = NpgsqlDataSource.Create(builder.Database);
        await using var command = source.CreateCommand("select string_agg(concat_ws(' ', ordinal, xmin, embedding), ';' order by ordinal) from knowledge_embeddings where document_id = $1");
        command.Parameters.AddWithValue(document);
        return await command.ExecuteScalarAsync(Token) as string;
    }
}
