using AiFactory.Builder.Knowledge.Search;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Builder.Tests.Knowledge.Search;

/// <summary>A search by words costs what its base costs, whatever else the database holds.</summary>
public sealed class WordIndexTests(PostgresFixture postgres)
{
    private const int Many = 20_000;
    private const int Few = 5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The index began with the word: who searched 5 passages read the 20,000 of another base.</summary>
    [Fact]
    public async Task A_search_of_a_small_base_reads_no_passage_of_a_large_one()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("large");
        await client.CreateBaseAsync("small");
        await FillAsync(builder, "large", Many);
        var small = await FillAsync(builder, "small", Few);

        var database = builder.Services.GetRequiredService<Database>();
        await database.ExecuteAsync("analyze knowledge_chunks", null, Token);
        var plan = await PlanAsync(database, small, "Which gateway has a valve?");
        var found = await client.SearchAsync("small", "Which gateway has a valve?", SearchModes.Text, 10);

        // Each of the two words is counted, and then both are looked for, in the index and in the table.
        plan.RowsRead("knowledge_chunks", "knowledge_chunks_by").ShouldBeLessThanOrEqualTo(6 * Few, plan.ToString());
        found.Results.Count.ShouldBe(Few);
        found.Results.ShouldAllBe(passage => passage.KnowledgeBase == "small");
    }

    /// <summary>Before Postgres had counted what was taken in, a search went through the documents to every one of their passages.</summary>
    [Fact]
    public async Task A_search_right_after_a_base_was_filled_reads_the_passages_that_have_the_word()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("large");
        var database = builder.Services.GetRequiredService<Database>();
        await database.ExecuteAsync("alter table knowledge_chunks set (autovacuum_enabled = off); alter table knowledge_documents set (autovacuum_enabled = off)", null, Token);
        var large = await FillAsync(builder, "large", Many);

        var plan = await PlanAsync(database, large, "valve");

        // Counted and then looked up, in the index and in the table.
        plan.RowsRead("knowledge_chunks", "knowledge_chunks_by").ShouldBeLessThanOrEqualTo(4, plan.ToString());
    }

    private static Task<QueryPlan> PlanAsync(Database database, Guid baseId, string query) =>
        QueryPlan.OfAsync(database, TextSearchStore.Sql, TextSearchStore.Values(baseId, query, null, Few));

    /// <summary>A document of so many passages that all have the word "gateway", the last also "valve"; as a person's many uploads would have left them.</summary>
    private static async Task<Guid> FillAsync(BuilderUnderTest builder, string name, int passages)
    {
        var database = builder.Services.GetRequiredService<Database>();
        var owner = await database.FirstOrDefaultAsync<Guid>("select id from knowledge_bases where name = @name", new { name }, Token);
        var document = Guid.CreateVersion7();
        await database.ExecuteAsync(
            """
            insert into knowledge_documents (id, base_id, name, content_type, size, digest, object_prefix, state, chunks, next_at, created_by, created_at, updated_at)
            values (@document, @owner, 'list.txt', 'text/plain', 1, '', @name, 'ready', @passages, now(), 'user:ada', now(), now());
            insert into knowledge_chunks (document_id, base_id, ordinal, start_at, end_at, heading, text)
            select @document, @owner, number, 0, 0, '', 'The gateway ' || number || case when number = @passages then ' has a valve.' else ' is one of many.' end
            from generate_series(1, @passages) as number
            """,
            new { document, owner, name, passages },
            Token);
        return owner;
    }
}
