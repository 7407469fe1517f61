using System.Text;
using System.Text.Json.Nodes;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Files;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.Jobs;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests.Files;

public sealed class FileTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_file_is_kept_listed_read_and_deleted_and_no_other_project_sees_it()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan());
        var (mine, other) = (new WorkClient(gateway.Client), new WorkClient(gateway.Client, Plan.OtherKey));

        // 1. Kept, as OpenAI has it.
        var (status, file) = await mine.UploadAsync("{}\n{\"ü\":1}\n", name: "eingabe ü.jsonl", fields: [("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "7200")]);
        status.ShouldBe(200, file.ToJsonString());
        var id = WorkClient.Text(file, "id");
        id.ShouldStartWith("file-");
        (WorkClient.Text(file, "object"), WorkClient.Text(file, "bytes"), WorkClient.Text(file, "filename"), WorkClient.Text(file, "purpose"), WorkClient.Text(file, "status"))
            .ShouldBe(("file", "12", "eingabe ü.jsonl", "batch", "processed"));
        ((long?)file["expires_at"]).ShouldBe((long?)file["created_at"] + 7200);
        bench.Objects().ShouldBe([$"gateway/files/{id["file-".Length..]}"]);

        // 2. Read.
        JsonNode.DeepEquals((await mine.GetAsync($"/v1/files/{id}")).Body, file).ShouldBeTrue();
        using (var content = await gateway.GetAsync($"/v1/files/{id}/content"))
        {
            (await GatewayUnderTest.TextAsync(content)).ShouldBe("{}\n{\"ü\":1}\n");
            content.Content.Headers.ContentType?.MediaType.ShouldBe("application/octet-stream");
            content.Content.Headers.ContentDisposition?.FileNameStar.ShouldBe("eingabe ü.jsonl");
        }

        // 3. Listed, in pages, newest first.
        var second = WorkClient.Text((await mine.UploadAsync("{}")).Body, "id");
        await PageAsync(mine, "?limit=1", [second], more: true);
        await PageAsync(mine, $"?limit=1&after={second}", [id], more: false);
        await PageAsync(mine, "?order=asc&purpose=batch", [id, second], more: false);
        await PageAsync(mine, "?purpose=batch_output", [], more: false);
        await PageAsync(other, "", [], more: false);

        // 4. Another project's key finds nothing, and takes nothing away.
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "/content"), (HttpMethod.Delete, "") })
        {
            Refused(await other.SendAsync(method, $"/v1/files/{id}{path}"), 404, "file_not_found");
        }

        // 5. Deleted, with its bytes.
        var (deleted, answer) = await mine.SendAsync(HttpMethod.Delete, $"/v1/files/{id}");
        (deleted, answer.ToJsonString()).ShouldBe((200, $$"""{"id":"{{id}}","object":"file","deleted":true}"""));
        Refused(await mine.GetAsync($"/v1/files/{id}"), 404, "file_not_found");
        bench.Objects().ShouldBe([$"gateway/files/{second["file-".Length..]}"]);
    }

    [Fact]
    public async Task A_form_that_is_no_upload_is_refused_by_its_fault_and_leaves_nothing_to_see()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan(), ("Files:MaxBytes", "2048"), ("Files:MaxProjectBytes", "3000"));
        var client = new WorkClient(gateway.Client);

        Refused(await client.PostAsync("/v1/files", "{}"), 415, "unsupported_content_type");
        Refused(await client.UploadAsync("{}", purpose: null), 400, "missing_required_parameter");
        Refused(await client.UploadAsync("{}", purpose: "fine-tune"), 400, "invalid_purpose");
        Refused(await client.UploadAsync("{}", name: null), 400, "missing_required_parameter");
        Refused(await client.UploadAsync(""), 400, "empty_file");
        Refused(await client.UploadAsync("{}", fields: [("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "10")]), 400, "invalid_value");
        Refused(await client.UploadAsync(new string('x', 2049)), 413, "file_too_large");
        Refused(await client.UploadAsync(new string('x', 300_000)), 413, "file_too_large");
        Refused(await SendAsync(client, $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{new string('x', 300_000)}\r\n--b--", chunked: true), 413, "file_too_large");
        (await client.UploadAsync(new string('x', 2000))).Status.ShouldBe(200);
        Refused(await client.UploadAsync(new string('x', 2000)), 403, "storage_quota_exceeded");
        Refused(await SendAsync(client, $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{new string('x', 1500)}\r\n--b--", chunked: true), 403, "storage_quota_exceeded");
        Refused(await SendAsync(client, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf of it"), 400, "invalid_form");
        Refused(await SendAsync(client, "no form"), 400, "invalid_form");

        await PageAsync(client, "", [WorkClient.Text((await client.GetAsync("/v1/files")).Body, "first_id")], more: false);
        Refused(await client.GetAsync("/v1/files?limit=0"), 400, "invalid_value");
        Refused(await client.GetAsync("/v1/files?after=batch_1"), 400, "invalid_value");
        Refused(await client.GetAsync("/v1/files?order=up"), 400, "invalid_value");
        Refused(await client.GetAsync("/v1/files?purpose=%00"), 400, "invalid_purpose");

        // What was refused is not in storage either, whatever it was refused for.
        bench.Objects().Count.ShouldBe(1);
        gateway.Client.DefaultRequestHeaders.Add("OpenAI-Project", new string('p', 12_000));
        var admin = new WorkClient(gateway.Client, Plan.AdminKey);
        Refused(await admin.UploadAsync("{}"), 404, "project_not_found");
        Refused(await admin.GetAsync("/v1/batches"), 404, "project_not_found");
        gateway.Log.Lines.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_whose_commit_came_through_and_was_not_heard_of_keeps_its_bytes_and_what_came_to_nothing_leaves_none()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan());
        var (store, objects, files) = (gateway.Services.GetRequiredService<FileStore>(), gateway.Services.GetRequiredService<FileObjects>(), gateway.Services.GetRequiredService<FileService>());
        var token = TestContext.Current.CancellationToken;

        // 1. What is dropped is there, for the connection broke after the database had committed.
        var (_, kept) = await new WorkClient(gateway.Client).UploadAsync("{}");
        var id = WorkClient.Text(kept, "id");
        await files.DropAsync(Guid.ParseExact(id["file-".Length..], "N"));
        using (var content = await gateway.GetAsync($"/v1/files/{id}/content"))
        {
            (await GatewayUnderTest.TextAsync(content)).ShouldBe("{}");
        }

        // 2. What is being written, and what the sweep has taken already, goes.
        foreach (var begun in new[] { true, false })
        {
            var other = Guid.CreateVersion7();
            if (begun)
            {
                await store.BeginAsync(other, "default", "somebody", "a line", DateTimeOffset.UnixEpoch, token);
            }

            await objects.PutAsync(other, new MemoryStream([1]), token);
            bench.Objects().Count.ShouldBe(2);
            await files.DropAsync(other);
            bench.Objects().ShouldBe([$"gateway/files/{id["file-".Length..]}"]);
        }
    }

    [Fact]
    public async Task A_key_with_a_scope_sees_the_files_batches_and_jobs_of_its_own_line_alone()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var plan = new Plan();
        plan = plan with { Keys = [.. plan.Keys.Select(key => key.Id == plan.Keys[0].Id ? key with { FactoryWide = false, Roles = ["developer"], Scope = new KeyScope(["demo-embed"], ["embeddings"]) } : key)] };
        await using var gateway = await bench.StartAsync(plan, ("Batches:Concurrency", "0"));
        var (mine, scoped) = (new WorkClient(gateway.Client), new WorkClient(gateway.Client, Plan.AdminKey));
        var line = WorkClient.Line("a", """{"model":"demo-embed","input":"a"}""", "/v1/embeddings");

        // 1. What another key of the project made is not there for it.
        var file = WorkClient.Text((await mine.UploadAsync("{}")).Body, "id");
        var batch = await mine.BatchAsync([line], "/v1/embeddings");
        var job = await JobTests.JobAsync(mine, """{"url":"/v1/embeddings","body":{"model":"demo-embed","input":"a"}}""");
        foreach (var (method, path) in new[] { (HttpMethod.Get, $"/v1/files/{file}"), (HttpMethod.Get, $"/v1/files/{file}/content"), (HttpMethod.Delete, $"/v1/files/{file}") })
        {
            Refused(await scoped.SendAsync(method, path), 404, "file_not_found");
        }

        Refused(await scoped.GetAsync($"/v1/batches/{batch}"), 404, "batch_not_found");
        Refused(await scoped.PostAsync($"/v1/batches/{batch}/cancel", ""), 404, "batch_not_found");
        Refused(await scoped.PostAsync("/v1/batches", $$"""{"input_file_id":"{{file}}","endpoint":"/v1/embeddings","completion_window":"24h"}"""), 404, "file_not_found");
        JobTests.Refused(await scoped.GetAsync($"/api/jobs/{job}"), 404, "job_not_found");
        JobTests.Refused(await scoped.SendAsync(HttpMethod.Delete, $"/api/jobs/{job}"), 404, "job_not_found");
        (await scoped.GetAsync("/v1/batches")).Body["data"]?.AsArray().Count.ShouldBe(0);
        (await scoped.GetAsync("/api/jobs")).Body["items"]?.AsArray().Count.ShouldBe(0);
        await PageAsync(scoped, "", [], more: false);

        // 2. Its own is, and the whole project sees it.
        var own = await scoped.BatchAsync([line], "/v1/embeddings");
        (await scoped.GetAsync("/v1/batches")).Body["data"]?.AsArray().Select(one => WorkClient.Text(one, "id")).ShouldBe([own]);
        (await mine.GetAsync("/v1/batches")).Body["data"]?.AsArray().Select(one => WorkClient.Text(one, "id")).ShouldBe([own, batch]);
    }

    [Fact]
    public void A_project_has_so_many_uploads_under_way_and_each_counts_the_bytes_of_the_others()
    {
        var uploads = new RunningUploads(Options.Create(new FilesOptions { MaxUploads = 2 }));

        using var first = uploads.TryBegin("a", 100, out var before);
        using var second = uploads.TryBegin("a", 10, out var besideFirst);
        uploads.TryBegin("a", 1, out _).ShouldBeNull();
        using var other = uploads.TryBegin("b", 1, out var elsewhere);
        (before, besideFirst, elsewhere).ShouldBe((0, 100, 0));
        other.ShouldNotBeNull();

        first?.Dispose();
        uploads.TryBegin("a", 1, out var besideSecond).ShouldNotBeNull().Dispose();
        besideSecond.ShouldBe(10);
    }

    [Theory]
    [InlineData(false, "its database (ConnectionStrings:gatewaydb) and its object storage (ConnectionStrings:objects)")]
    [InlineData(true, "its object storage (ConnectionStrings:objects)")]
    public async Task Without_what_they_are_kept_in_files_and_batches_say_what_is_missing(bool database, string missing)
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), database ? [bench.Ledger.Setting] : []);
        var client = new WorkClient(gateway.Client);

        JobTests.Refused(await client.PostAsync("/api/jobs", "{}"), 503, "not_configured");
        foreach (var answer in new[] { await client.UploadAsync("{}"), await client.GetAsync("/v1/files"), await client.PostAsync("/v1/batches", "{}"), await client.GetAsync("/v1/batches/batch_1") })
        {
            Refused(answer, 503, "not_configured");
            WorkClient.Text(answer.Body, "error.message").ShouldContain(missing);
        }
    }

    internal static void Refused((int Status, JsonNode Body) answer, int status, string code) =>
        (answer.Status, WorkClient.Text(answer.Body, "error.code")).ShouldBe((status, code), answer.Body.ToJsonString());

    private static Task<(int Status, JsonNode Body)> SendAsync(WorkClient client, string form, bool chunked = false)
    {
        var bytes = Encoding.UTF8.GetBytes(form);
        HttpContent content = chunked ? new StreamContent(new Unseekable(bytes)) : new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        return client.SendAsync(HttpMethod.Post, "/v1/files", content: content);
    }

    /// <summary>Whose length no client knows.</summary>
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    private static async Task PageAsync(WorkClient client, string query, string[] ids, bool more)
    {
        var (_, list) = await client.GetAsync($"/v1/files{query}");
        list["data"]?.AsArray().Select(file => WorkClient.Text(file, "id")).ShouldBe(ids, list.ToJsonString());
        (WorkClient.Text(list, "object"), WorkClient.Text(list, "first_id"), WorkClient.Text(list, "last_id"), (bool?)list["has_more"])
            .ShouldBe(("list", ids.FirstOrDefault() ?? "", ids.LastOrDefault() ?? "", more));
    }
}
