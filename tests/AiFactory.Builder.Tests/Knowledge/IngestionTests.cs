using System.Text.Json.Nodes;
using AiFactory.Builder.Knowledge.Ingestion;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Builder.Tests.Knowledge.Parsing;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace AiFactory.Builder.Tests.Knowledge;

public sealed class IngestionTests(PostgresFixture postgres)
{
    private const string Blue = "/api/builder/projects/blue/knowledge-bases";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_document_whose_worker_was_killed_goes_on_behind_the_last_batch()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Knowledge:BatchSize", "2"), ("Knowledge:Lease", "00:00:02"), ("Knowledge:Parallel", "1"));
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual", chunkSize: 100, chunkOverlap: 0);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        builder.Gateway.Script = async (context, body) =>
        {
            // The third batch is not answered: the worker hangs in it when its claim is taken from it.
            if (builder.Gateway.Batches() == 3)
            {
                await held.Task;
            }

            await FakeGateway.EmbedAsync(context, body);
        };
        var document = await (await client.UploadAsync("manual", "long.txt", LongText(10))).ReadAsync<DocumentResponse>();
        await client.UntilAsync<DocumentResponse>($"{KnowledgeApi.Bases}/manual/documents/{document.Id}", answer => answer.Embedded == 4);

        // As after a kill: the claim stands in the row, and no one renews it. The hung worker loses it and writes nothing more.
        await using var source = NpgsqlDataSource.Create(builder.Database);
        await using (var abandon = source.CreateCommand("update knowledge_documents set claim = gen_random_uuid(), claimed_until = now() - interval '1 minute'"))
        {
            await abandon.ExecuteNonQueryAsync(Token);
        }

        held.SetResult();
        var ready = await client.UntilEndAsync("manual", document.Id);

        ready.State.ShouldBe(DocumentStates.Ready, ready.Error);
        var inputs = builder.Gateway.Texts();
        inputs.Distinct().Count().ShouldBe(ready.Chunks);
        // Only the batch that was under way is embedded twice; the four passages before it are not.
        inputs.Count.ShouldBe(ready.Chunks + 2);
        await using var count = source.CreateCommand("select count(*) from knowledge_embeddings");
        (await count.ExecuteScalarAsync(Token)).ShouldBe((long)ready.Chunks);
    }

    [Fact]
    public async Task A_PDF_that_unpacks_to_more_than_is_set_fails_and_names_the_setting()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Knowledge:MaximumPdfBytes", "1048576"));
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");

        var failed = await client.TakeInAsync("manual", "bomb.pdf", new TinyPdf(new string(' ', 4 << 20), filter: "Flate").ToBytes());

        failed.State.ShouldBe(DocumentStates.Failed);
        failed.Error.ShouldBe("The PDF unpacks to more than 1 MiB (setting Knowledge:MaximumPdfBytes).");
    }

    [Fact]
    public async Task A_restart_goes_on_at_once_with_what_was_under_way()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Knowledge:BatchSize", "2"), ("Knowledge:Lease", "00:10:00"));
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual", chunkSize: 100, chunkOverlap: 0);
        var stuck = true;
        builder.Gateway.Script = async (context, body) =>
        {
            if (Volatile.Read(ref stuck) && builder.Gateway.Batches() > 2)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await FakeGateway.EmbedAsync(context, body);
        };
        var document = await (await client.UploadAsync("manual", "long.txt", LongText(10))).ReadAsync<DocumentResponse>();
        await client.UntilAsync<DocumentResponse>($"{KnowledgeApi.Bases}/manual/documents/{document.Id}", answer => answer.Embedded == 4);

        Volatile.Write(ref stuck, false);
        await builder.RestartAsync();

        using var after = builder.Developer();
        (await after.UntilEndAsync("manual", document.Id)).State.ShouldBe(DocumentStates.Ready);
    }

    [Fact]
    public async Task A_model_that_is_away_is_waited_for_and_one_that_refuses_fails_the_document_until_it_is_tried_again()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        var status = 404;
        builder.Gateway.Script = async (context, body) =>
        {
            if (Volatile.Read(ref status) is not 0 and var refused)
            {
                context.Response.StatusCode = refused;
                await context.Response.WriteAsJsonAsync(new { error = new { message = "No deployment is called so.", type = "invalid_request_error" } });
                return;
            }

            await FakeGateway.EmbedAsync(context, body);
        };

        var document = await (await client.UploadAsync("manual", "a.txt", "A text.")).ReadAsync<DocumentResponse>();
        var waits = await client.UntilAsync<DocumentResponse>($"{KnowledgeApi.Bases}/manual/documents/{document.Id}", answer => answer.Error is not null);
        waits.State.ShouldBe(DocumentStates.Embedding);
        waits.Error.ShouldStartWith("The model 'demo-embed' does not embed now, and is tried again (attempt 1): No deployment is called so.");

        Volatile.Write(ref status, 400);
        var failed = await client.UntilEndAsync("manual", document.Id);
        failed.State.ShouldBe(DocumentStates.Failed);
        failed.Error.ShouldBe("The model 'demo-embed' refused to embed: No deployment is called so.");

        Volatile.Write(ref status, 0);
        await client.PostAsync<object, DocumentResponse>($"{KnowledgeApi.Bases}/manual/documents/{document.Id}/retry", new { });
        (await client.UntilEndAsync("manual", document.Id)).State.ShouldBe(DocumentStates.Ready);
        (await client.PostAsync($"{KnowledgeApi.Bases}/manual/documents/{document.Id}/retry", new { })).StatusCode.ShouldBe(System.Net.HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_model_whose_vectors_have_another_length_than_before_fails_the_document_and_not_the_search_of_the_others()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        (await client.TakeInAsync("manual", "a.txt", "A first text.")).State.ShouldBe(DocumentStates.Ready);
        builder.Gateway.Script = (context, body) => Answer(context, [.. Inputs(body).Select(_ => new float[] { 1, 2, 3 })]);

        var failed = await client.TakeInAsync("manual", "b.txt", "A second text.");

        failed.State.ShouldBe(DocumentStates.Failed);
        failed.Error.ShouldBe("The model 'demo-embed' gives vectors of 3 numbers, but those of this knowledge base have 26. Make a new knowledge base for the changed model.");
        (await client.PostAsync($"{KnowledgeApi.Bases}/manual/search", new SearchRequest("text", null, null))).StatusCode.ShouldBe(System.Net.HttpStatusCode.Conflict);
        (await client.SearchAsync("manual", "text", SearchModes.Text)).Results.ShouldHaveSingleItem().DocumentName.ShouldBe("a.txt");
    }

    [Fact]
    public async Task A_text_that_is_longer_than_the_setting_fails_the_document()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Knowledge:MaximumTextLength", "1000"));
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");

        var failed = await client.TakeInAsync("manual", "a.txt", new string('x', 1001));

        failed.Error.ShouldBe("The document's text is longer than 1000 characters (setting Knowledge:MaximumTextLength).");
    }

    [Fact]
    public async Task A_project_s_one_document_does_not_wait_behind_another_project_s_many()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Knowledge:Parallel", "1"));
        using var many = builder.Developer("blue");
        using var one = builder.Developer();
        await many.PostAsync<KnowledgeBaseRequest, KnowledgeBaseResponse>(Blue, new KnowledgeBaseRequest("many", null, null, null, null));
        await one.CreateBaseAsync("one");
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        builder.Gateway.Script = async (context, body) =>
        {
            await held.Task;
            await FakeGateway.EmbedAsync(context, body);
        };
        for (var number = 0; number < 4; number++)
        {
            using var content = new StringContent($"many {number}", System.Text.Encoding.UTF8, "text/plain");
            (await many.PostAsync(new Uri($"{Blue}/many/documents?name={number}.txt", UriKind.Relative), content, Token)).EnsureSuccessStatusCode();
        }

        var document = await (await one.UploadAsync("one", "a.txt", "the one")).ReadAsync<DocumentResponse>();
        held.SetResult();
        (await one.UntilEndAsync("one", document.Id)).State.ShouldBe(DocumentStates.Ready);
        await many.UntilAsync<Page<DocumentResponse>>($"{Blue}/many/documents", page => page.Items.All(item => item.State == DocumentStates.Ready));

        builder.Gateway.Texts().ToList().IndexOf("the one").ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task A_project_has_a_bound_of_documents_that_wait_and_learns_of_it()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Knowledge:WaitingPerProject", "2"));
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        builder.Gateway.Script = async (context, body) =>
        {
            await held.Task;
            await FakeGateway.EmbedAsync(context, body);
        };
        var first = await (await client.UploadAsync("manual", "a.txt", "a")).ReadAsync<DocumentResponse>();
        (await client.UploadAsync("manual", "b.txt", "b")).EnsureSuccessStatusCode();

        var refused = await (await client.UploadAsync("manual", "c.txt", "c")).ProblemAsync();
        (await client.UploadAsync("manual", "b.txt", "another b")).EnsureSuccessStatusCode();
        using var other = builder.Developer("blue");
        await other.PostAsync<KnowledgeBaseRequest, KnowledgeBaseResponse>(Blue, new KnowledgeBaseRequest("manual", null, null, null, null));
        using var content = new StringContent("text", System.Text.Encoding.UTF8, "text/plain");
        (await other.PostAsync(new Uri($"{Blue}/manual/documents?name=a.txt", UriKind.Relative), content, Token)).EnsureSuccessStatusCode();

        refused.ShouldBe((429, "The project 'default' has 2 documents that wait to be taken in, and may have no more (setting Knowledge:WaitingPerProject): upload this one when some of them are ready."));
        held.SetResult();
        (await client.UntilEndAsync("manual", first.Id)).State.ShouldBe(DocumentStates.Ready);
        await client.UntilAsync<Page<DocumentResponse>>($"{KnowledgeApi.Bases}/manual/documents", page => page.Items.All(item => item.State == DocumentStates.Ready));
        (await client.TakeInAsync("manual", "c.txt", "c")).State.ShouldBe(DocumentStates.Ready);
    }

    [Fact]
    public async Task A_document_that_failed_is_not_tried_again_beyond_the_bound()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Knowledge:WaitingPerProject", "1"));
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        builder.Gateway.Script = (context, _) =>
        {
            context.Response.StatusCode = 400;
            return Task.CompletedTask;
        };
        var failed = await client.TakeInAsync("manual", "a.txt", "a");
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        builder.Gateway.Script = async (context, body) =>
        {
            await held.Task;
            await FakeGateway.EmbedAsync(context, body);
        };
        (await client.UploadAsync("manual", "b.txt", "b")).EnsureSuccessStatusCode();

        var refused = await (await client.PostAsync($"{KnowledgeApi.Bases}/manual/documents/{failed.Id}/retry", new { })).ProblemAsync();

        failed.State.ShouldBe(DocumentStates.Failed);
        refused.ShouldBe((429, "The project 'default' has 1 documents that wait to be taken in, and may have no more (setting Knowledge:WaitingPerProject): try this one when some of them are ready."));
        held.SetResult();
    }

    /// <summary>Nothing that one document brings out may stop the host, or hold the others up.</summary>
    [Theory]
    [InlineData("application/json; charset=no-such", "{}", "Taking the document in failed in a way that was not foreseen: ")]
    [InlineData("application/json", """{"object":"list","model":"m"}""", "The model 'demo-embed' refused to embed: The model's answer cannot be read: 1 texts were to be embedded, 0 vectors came.")]
    [InlineData("application/json", """{"object":"list","model":"m","data":[null]}""", "The model 'demo-embed' refused to embed: The model's answer cannot be read: 1 texts were to be embedded, 0 vectors came.")]
    public async Task An_answer_of_the_model_that_no_one_foresaw_fails_one_document(string type, string answer, string reason)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        builder.Gateway.Script = (context, _) =>
        {
            context.Response.ContentType = type;
            return context.Response.WriteAsync(answer);
        };

        var failed = await client.TakeInAsync("manual", "a.txt", "A text.");
        builder.Gateway.Script = null;
        var ready = await client.TakeInAsync("manual", "b.txt", "Another text.");

        (failed.State, ready.State).ShouldBe((DocumentStates.Failed, DocumentStates.Ready));
        failed.Error.ShouldNotBeNull().ShouldStartWith(reason);
    }

    [Fact]
    public async Task A_refusal_that_the_database_could_not_hold_is_kept_all_the_same()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        builder.Gateway.Script = (context, _) =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsJsonAsync(new { error = new { message = "no\0" + new string('x', 5000), type = "invalid_request_error" } });
        };

        var failed = await client.TakeInAsync("manual", "a.txt", "A text.");

        failed.Error.ShouldNotBeNull().ShouldStartWith("The model 'demo-embed' refused to embed: no\uFFFDxxx");
        failed.Error.Length.ShouldBe(2000);
    }

    [Fact]
    public async Task What_the_database_refuses_each_time_is_not_tried_for_an_hour()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        await using var source = NpgsqlDataSource.Create(builder.Database);
        await using (var refuse = source.CreateCommand("alter table knowledge_chunks add constraint no_secrets check (text not like '%secret%')"))
        {
            await refuse.ExecuteNonQueryAsync(Token);
        }

        var failed = await client.TakeInAsync("manual", "a.txt", "A secret.");

        failed.State.ShouldBe(DocumentStates.Failed);
        failed.Error.ShouldNotBeNull().ShouldContain("no_secrets");
    }

    private static string LongText(int paragraphs) =>
        string.Join("\n\n", Enumerable.Range(0, paragraphs).Select(i => $"Paragraph {i} speaks of {new string((char)('a' + i), 60)} and nothing else."));

    private static IEnumerable<string> Inputs(JsonNode body) => body["input"]?.AsArray().Select(input => input?.GetValue<string>() ?? "") ?? [];

    private static Task Answer(HttpContext context, float[][] vectors) => context.Response.WriteAsJsonAsync(new
    {
        @object = "list",
        data = vectors.Select((embedding, index) => new { @object = "embedding", index, embedding }),
        model = "demo-embed",
        usage = new { prompt_tokens = 5, total_tokens = 5 },
    });
}
