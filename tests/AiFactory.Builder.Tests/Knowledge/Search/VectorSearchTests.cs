using System.Net;
using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Builder.Knowledge.Search;
using AiFactory.Builder.Knowledge.Search.PgVector;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiFactory.Builder.Tests.Knowledge.Search;

public sealed class VectorSearchTests(PostgresFixture postgres, PgVectorFixture pgvector)
{
    [Fact]
    public async Task Exact_search_over_10000_passages_finds_all_of_the_nearest_ten()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("vectors");
        var set = new VectorSet(10_000, queries: 50);
        await set.FillAsync(builder, "vectors");

        (await set.RecallAsync(client, "vectors", SearchIndexes.Exact)).ShouldBe(1.0);
    }

    [Fact]
    public async Task Vectors_that_need_more_memory_than_is_allowed_are_not_read_and_words_are_searched_still()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Knowledge:ImageBytes", "1048576"));
        using var client = builder.Developer();
        await client.CreateBaseAsync("vectors");
        await new VectorSet(10_000, queries: 1).FillAsync(builder, "vectors");

        var refused = await (await client.PostAsync($"{KnowledgeApi.Bases}/vectors/search", new SearchRequest("q0", null, SearchModes.Vector))).ProblemAsync();

        refused.Status.ShouldBe(409);
        refused.Detail.ShouldStartWith("The 10000 vectors of this knowledge base would take 2 MiB of memory; 1 MiB are allowed (setting Knowledge:ImageBytes).");
        (await client.SearchAsync("vectors", "passage", SearchModes.Text)).Results.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task With_pgvector_processes_that_make_indexes_at_once_do_not_wait_for_each_other_and_none_is_left_of_a_base_that_is_gone()
    {
        Assert.SkipWhen(PgVectorFixture.Missing is not null, PgVectorFixture.Missing ?? "");
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("ConnectionStrings:builderdb", await pgvector.CreateDatabaseAsync(Token)));
        using var client = builder.Developer();
        await client.CreateBaseAsync("one");
        await client.CreateBaseAsync("other");
        await new VectorSet(4000, queries: 1).FillAsync(builder, "one");
        builder.Gateway.Script = null;
        await client.TakeInAsync("other", "a.txt", "A text.");
        var index = builder.Services.GetRequiredService<PgVectorIndex>();
        (await index.EnableAsync(Token)).Available.ShouldBeTrue();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => index.TendAsync(Token)));

        await UntilAsync(2);
        (await client.DeleteAsync(new Uri($"{KnowledgeApi.Bases}/other", UriKind.Relative), Token)).EnsureSuccessStatusCode();
        await UntilAsync(1);

        // The builder's own worker may be at it.
        async Task UntilAsync(long wanted)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (await CountAsync() != wanted)
            {
                await index.TendAsync(limit.Token);
            }
        }

        async Task<long> CountAsync()
        {
            await using var count = builder.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
                "select count(*) from pg_index join pg_class on pg_class.oid = indexrelid where relname like 'knowledge_near_%' and indisvalid");
            return (long)(await count.ExecuteScalarAsync(Token) ?? 0L);
        }
    }

    [Fact]
    public async Task With_pgvector_a_base_whose_index_cannot_be_made_does_not_hold_up_the_others()
    {
        Assert.SkipWhen(PgVectorFixture.Missing is not null, PgVectorFixture.Missing ?? "");
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("ConnectionStrings:builderdb", await pgvector.CreateDatabaseAsync(Token)), ("Knowledge:PgVector", "false"));
        using var client = builder.Developer();
        foreach (var name in (string[])["one", "two", "three"])
        {
            await client.CreateBaseAsync(name);
            await client.TakeInAsync(name, "a.txt", "A text.");
        }

        var database = builder.Services.GetRequiredService<Database>();
        await database.ExecuteAsync("update knowledge_bases set dimensions = 7 where name = 'one'", null, Token);
        var others = await database.QueryAsync<Guid>("select id from knowledge_bases where name <> 'one'", null, Token);
        var index = builder.Services.GetRequiredService<PgVectorIndex>();
        (await index.EnableAsync(Token)).Available.ShouldBeTrue();

        (await index.TendAsync(Token)).ShouldBe(others, ignoreOrder: true);
        (await index.TendAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task With_pgvector_the_index_of_100000_vectors_finds_95_of_100_of_the_nearest_ten_and_no_search_fails_while_it_is_rebuilt()
    {
        Assert.SkipWhen(PgVectorFixture.Missing is not null, PgVectorFixture.Missing ?? "");
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("ConnectionStrings:builderdb", await pgvector.CreateDatabaseAsync(Token)));
        using var client = builder.Developer();
        client.Timeout = TimeSpan.FromMinutes(10);
        await client.CreateBaseAsync("vectors");
        var set = new VectorSet(100_000, queries: 30, dimensions: 24);
        await set.FillAsync(builder, "vectors");
        using (var early = await RebuildAsync())
        {
            early.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            (await early.Content.ReadAsStringAsync(Token)).ShouldContain("searched exactly");
        }

        await IndexAsync(builder, client);

        (await set.RecallAsync(client, "vectors", SearchIndexes.PgVector)).ShouldBeGreaterThanOrEqualTo(0.95);
        await UntilScansAsync(builder, set.Queries);
        var before = await FileAsync();
        var rebuild = RebuildAsync();
        var searches = 0;
        while (!rebuild.IsCompleted)
        {
            var found = await client.SearchAsync("vectors", $"q{searches++ % set.Queries}", SearchModes.Vector, 10);
            (found.Index, found.Results.Count).ShouldBe((SearchIndexes.PgVector, 10));
        }

        (await rebuild).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        searches.ShouldBeGreaterThan(20);
        (await FileAsync()).ShouldNotBe(before);
        (await set.RecallAsync(client, "vectors", SearchIndexes.PgVector)).ShouldBeGreaterThanOrEqualTo(0.95);

        Task<HttpResponseMessage> RebuildAsync() => client.PostAsync(new Uri($"{KnowledgeApi.Bases}/vectors/index/rebuild", UriKind.Relative), null, Token);

        // An index that is made anew lies in another file, and there is one of it.
        async Task<long> FileAsync() => (await builder.Services.GetRequiredService<Database>().QueryAsync<long>(
            "select pg_relation_filenode(indexrelid)::bigint from pg_index join pg_class on pg_class.oid = indexrelid where relname like 'knowledge_near_%' and indisvalid", null, Token)).ShouldHaveSingleItem();
    }

    /// <summary>The builder's own worker may be at it.</summary>
    private static async Task IndexAsync(BuilderUnderTest builder, HttpClient client)
    {
        while ((await client.SearchAsync("vectors", "q0", SearchModes.Vector, 1)).Index != SearchIndexes.PgVector)
        {
            await builder.Services.GetRequiredService<PgVectorWorker>().RunOnceAsync(Token);
            await Task.Delay(100, Token);
        }
    }

    /// <summary>The database counts scans a moment after they were made.</summary>
    private static async Task UntilScansAsync(BuilderUnderTest builder, long wanted)
    {
        await using var scans = builder.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select coalesce(sum(idx_scan), 0)::bigint from pg_stat_user_indexes where indexrelname like 'knowledge_near_%'");
        var counted = 0L;
        for (var attempt = 0; attempt < 200 && counted < wanted; attempt++)
        {
            await Task.Delay(100, Token);
            counted = (long)(await scans.ExecuteScalarAsync(Token) ?? 0L);
        }

        counted.ShouldBeGreaterThanOrEqualTo(wanted, "searches that did not use the index of vectors");
    }

    [Fact]
    public async Task With_pgvector_documents_come_into_the_index_and_leave_it_and_the_results_are_those_of_exact_search()
    {
        Assert.SkipWhen(PgVectorFixture.Missing is not null, PgVectorFixture.Missing ?? "");
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("ConnectionStrings:builderdb", await pgvector.CreateDatabaseAsync(Token)));
        await using var exact = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        using var other = exact.Developer();
        foreach (var api in (HttpClient[])[client, other])
        {
            await api.CreateBaseAsync("manual", chunkSize: 100, chunkOverlap: 0);
            await api.TakeInAsync("manual", "fruit.txt", "Apples are sour.\n\nPears are sweet.\n\nPlums are blue and grow on trees, which bear from their fourth year on, when no frost comes in May.");
        }

        await builder.Services.GetRequiredService<PgVectorWorker>().RunOnceAsync(Token);
        var roots = Array.Empty<DocumentResponse>();
        foreach (var api in (HttpClient[])[client, other])
        {
            roots = [.. roots, await api.TakeInAsync("manual", "roots.txt", "Carrots are orange and grow below the ground.\n\nTurnips are white, and are sown when the summer has passed its height and the fields are cleared.")];
        }

        foreach (var query in (string[])["sweet pears", "orange carrots", "when are turnips sown"])
        {
            foreach (var mode in (string[])[SearchModes.Vector, SearchModes.Hybrid])
            {
                var found = await client.SearchAsync("manual", query, mode);
                var wanted = await other.SearchAsync("manual", query, mode);
                (found.Index, wanted.Index).ShouldBe((SearchIndexes.PgVector, SearchIndexes.Exact));
                found.Results.Select(passage => passage.Text).ShouldBe(wanted.Results.Select(passage => passage.Text));
                found.Results.Select(passage => passage.VectorScore ?? 0).ShouldBe(wanted.Results.Select(passage => passage.VectorScore ?? 0), tolerance: 1e-5);
            }
        }

        await client.DeleteAsync(new Uri($"{KnowledgeApi.Bases}/manual/documents/{roots[0].Id}", UriKind.Relative), Token);
        (await client.SearchAsync("manual", "orange carrots", SearchModes.Vector)).Results.ShouldAllBe(passage => passage.DocumentName == "fruit.txt");
        (await client.DeleteAsync(new Uri($"{KnowledgeApi.Bases}/manual", UriKind.Relative), Token)).EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData(SearchIndexes.Exact)]
    [InlineData(SearchIndexes.PgVector)]
    public async Task A_search_of_some_documents_finds_as_many_passages_as_are_asked_for_and_the_nearest_of_them(string index)
    {
        Assert.SkipWhen(index == SearchIndexes.PgVector && PgVectorFixture.Missing is not null, PgVectorFixture.Missing ?? "");
        await using var builder = index == SearchIndexes.PgVector
            ? await BuilderUnderTest.StartAsync(postgres, ("ConnectionStrings:builderdb", await pgvector.CreateDatabaseAsync(Token)))
            : await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("vectors");
        var set = new VectorSet(4000, queries: 3);
        await set.FillAsync(builder, "vectors");
        await builder.Services.GetRequiredService<PgVectorWorker>().RunOnceAsync(Token);
        string[] two = [set.Names.First(), set.Names.Last()];

        for (var query = 0; query < set.Queries; query++)
        {
            foreach (var mode in (string[])[SearchModes.Vector, SearchModes.Hybrid, SearchModes.Text])
            {
                var found = await client.SearchAsync("vectors", mode == SearchModes.Text ? "passage" : $"q{query}", mode, 50, two);
                found.Index.ShouldBe(index);
                found.Results.Count.ShouldBe(50, mode);
                found.Results.Select(passage => passage.DocumentName).ShouldBeSubsetOf(two);
            }

            // Of one document it is the same whether it is asked for alone or is a part of all.
            var all = await client.SearchAsync("vectors", $"q{query}", SearchModes.Vector, 50, [.. set.Names.Take(1)]);
            all.Results.Select(passage => passage.VectorScore ?? 0).ShouldBe(set.Scores(query, document: 0).Take(50), tolerance: 1e-5);
        }

        using var unknown = await client.PostAsync($"{KnowledgeApi.Bases}/vectors/search", new SearchRequest("q0", null, null, ["nowhere.txt"]));
        unknown.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await unknown.Content.ReadAsStringAsync(Token)).ShouldContain("nowhere.txt");
    }

    /// <summary>An index gives up after it has looked at so many rows; here at a few, so that these vectors are as many to it as 20,000 are without the setting.</summary>
    [Theory]
    [InlineData(SearchIndexes.Exact)]
    [InlineData(SearchIndexes.PgVector)]
    public async Task Of_passages_that_are_the_farthest_of_all_as_many_are_found_as_are_asked_for(string index)
    {
        Assert.SkipWhen(index == SearchIndexes.PgVector && PgVectorFixture.Missing is not null, PgVectorFixture.Missing ?? "");
        await using var builder = index == SearchIndexes.PgVector
            ? await BuilderUnderTest.StartAsync(postgres, ("ConnectionStrings:builderdb", $"{await pgvector.CreateDatabaseAsync(Token)};Options=-c hnsw.max_scan_tuples=500"))
            : await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("vectors");
        var set = new VectorSet(4000, queries: 1, lastIsFarthest: true);
        await set.FillAsync(builder, "vectors");
        if (index == SearchIndexes.PgVector)
        {
            await IndexAsync(builder, client);
        }

        var last = set.Names.Last();

        var ofTheLast = await client.SearchAsync("vectors", "q0", SearchModes.Vector, 50, [last]);
        // The others are to be read anew.
        await builder.Services.GetRequiredService<Database>().ExecuteAsync(
            """
            with waiting as (update knowledge_documents set state = 'queued', next_at = now() + interval '1 hour' where name <> @last)
            update knowledge_bases set revision = revision + 1
            """,
            new { last },
            Token);
        var ofAllThatAreReady = await client.SearchAsync("vectors", "q0", SearchModes.Vector, 50);

        foreach (var found in (SearchResponse[])[ofTheLast, ofAllThatAreReady])
        {
            found.Index.ShouldBe(index);
            found.Results.Select(passage => passage.DocumentName).ShouldAllBe(name => name == last);
            found.Results.Select(passage => passage.VectorScore ?? 0).ShouldBe(set.Scores(0, document: 19).Take(50), tolerance: 1e-5);
        }
    }

    /// <summary>No index of the vectors begins with their base: who searched one passage read the 4,000 of another base.</summary>
    [Fact]
    public async Task With_pgvector_an_exact_search_of_a_small_base_reads_no_vector_of_a_large_one()
    {
        Assert.SkipWhen(PgVectorFixture.Missing is not null, PgVectorFixture.Missing ?? "");
        await using var builder = await WithoutWorkerAsync();
        using var client = builder.Developer();
        await client.CreateBaseAsync("large");
        await new VectorSet(4000, queries: 1).FillAsync(builder, "large");
        builder.Gateway.Script = null;
        await client.CreateBaseAsync("small");
        await client.TakeInAsync("small", "a.txt", "A text.");
        var database = builder.Services.GetRequiredService<Database>();
        await database.ExecuteAsync("analyze knowledge_embeddings; analyze knowledge_documents", null, Token);
        var small = (await database.QueryAsync<KnowledgeBaseRow>("select * from knowledge_bases where name = 'small'", null, Token)).Single();

        var plan = await QueryPlan.OfAsync(database, PgVectorIndex.Exact(small, null), new { small.Id, query = new float[small.Dimensions ?? 0], limit = 50 });

        plan.RowsRead("knowledge_embeddings", "knowledge_embeddings").ShouldBeLessThanOrEqualTo(2, plan.ToString());
    }

    [Fact]
    public async Task With_pgvector_an_index_is_not_rebuilt_again_at_once_and_one_that_someone_dropped_is_made_again()
    {
        Assert.SkipWhen(PgVectorFixture.Missing is not null, PgVectorFixture.Missing ?? "");
        await using var builder = await WithoutWorkerAsync();
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        await client.TakeInAsync("manual", "a.txt", "A text.");
        var index = builder.Services.GetRequiredService<PgVectorIndex>();
        var owner = (await index.TendAsync(Token)).ShouldHaveSingleItem();
        builder.Services.GetRequiredService<VectorIndexes>().HasPgVector = true;

        using (var first = await RebuildAsync())
        {
            first.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        using var second = await RebuildAsync();
        second.Headers.RetryAfter?.Delta.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
        var refused = await second.ProblemAsync();
        (refused.Status, refused.Detail).ShouldBe((429, "The index of 'manual' was rebuilt less than 1:00:00 ago (setting Knowledge:RebuildInterval)."));

        await builder.Services.GetRequiredService<Database>().ExecuteAsync($"drop index knowledge_near_{owner:n}", null, Token);
        using var third = await RebuildAsync();
        var gone = await third.ProblemAsync();
        (gone.Status, gone.Detail).ShouldBe((409, "The index is gone from the database and is made again. Until then the vectors are searched exactly."));
        (await client.SearchAsync("manual", "text", SearchModes.Vector)).Index.ShouldBe(SearchIndexes.Exact);
        (await index.TendAsync(Token)).ShouldBe([owner]);
        (await client.SearchAsync("manual", "text", SearchModes.Vector)).Index.ShouldBe(SearchIndexes.PgVector);

        Task<HttpResponseMessage> RebuildAsync() => client.PostAsync(new Uri($"{KnowledgeApi.Bases}/manual/index/rebuild", UriKind.Relative), null, Token);
    }

    /// <summary>With pgvector, and no index until the test makes it.</summary>
    private async Task<BuilderUnderTest> WithoutWorkerAsync()
    {
        var builder = await BuilderUnderTest.StartAsync(postgres, ("ConnectionStrings:builderdb", await pgvector.CreateDatabaseAsync(Token)), ("Knowledge:PgVector", "false"));
        (await builder.Services.GetRequiredService<PgVectorIndex>().EnableAsync(Token)).Available.ShouldBeTrue();
        return builder;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
