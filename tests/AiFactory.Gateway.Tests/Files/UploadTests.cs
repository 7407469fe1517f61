using System.Text;
using System.Text.Json.Nodes;
using AiFactory.Gateway.Files;
using AiFactory.Gateway.Files.Uploads;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Gateway.Tests.Files;

public sealed class UploadTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_file_that_comes_in_parts_is_put_together_in_the_order_that_is_asked_for_and_leaves_no_part()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan());
        var (mine, other) = (new WorkClient(gateway.Client), new WorkClient(gateway.Client, Plan.OtherKey));

        // 1. Two parts, the second one first.
        var (status, upload) = await mine.PostAsync("/v1/uploads", Upload(12, ",\"expires_after\":{\"anchor\":\"created_at\",\"seconds\":7200}"));
        status.ShouldBe(200, upload.ToJsonString());
        (WorkClient.Text(upload, "object"), WorkClient.Text(upload, "status"), WorkClient.Text(upload, "bytes"), upload["file"]).ShouldBe(("upload", "pending", "12", null));
        ((long?)upload["expires_at"]).ShouldBe((long?)upload["created_at"] + 3600);
        var id = WorkClient.Text(upload, "id");
        var second = await PartAsync(mine, id, "parts!");
        var first = await PartAsync(mine, id, "of two");
        FileTests.Refused(await AddAsync(other, id, "x"), 404, "upload_not_found");
        FileTests.Refused(await other.PostAsync($"/v1/uploads/{id}/complete", Completion(first)), 404, "upload_not_found");

        // 2. What is not the file is refused, and can be put right.
        FileTests.Refused(await mine.PostAsync($"/v1/uploads/{id}/complete", Completion(first)), 400, "upload_length_mismatch");
        FileTests.Refused(await mine.PostAsync($"/v1/uploads/{id}/complete", Completion(first, first)), 400, "invalid_part");
        FileTests.Refused(await mine.PostAsync($"/v1/uploads/{id}/complete", $$"""{"part_ids":["{{first}}","{{second}}"],"md5":"00"}"""), 400, "md5_mismatch");

        // 3. The file, also for who asks again.
        var (completed, done) = await mine.PostAsync($"/v1/uploads/{id}/complete", $$"""{"part_ids":["{{first}}","{{second}}"],"md5":"d934aae50574c1d2f34f26687b32f4a0"}""");
        completed.ShouldBe(200, done.ToJsonString());
        WorkClient.Text(done, "status").ShouldBe("completed");
        var file = WorkClient.Text(done, "file.id");
        ((long?)done["file"]?["expires_at"]).ShouldBe((long?)done["file"]?["created_at"] + 7200);
        using (var content = await gateway.GetAsync($"/v1/files/{file}/content"))
        {
            (await GatewayUnderTest.TextAsync(content)).ShouldBe("of twoparts!");
        }

        WorkClient.Text((await mine.PostAsync($"/v1/uploads/{id}/complete", Completion(first, second))).Body, "file.id").ShouldBe(file);
        FileTests.Refused(await AddAsync(mine, id, "x"), 409, "upload_not_pending");
        FileTests.Refused(await mine.PostAsync($"/v1/uploads/{id}/cancel", ""), 409, "upload_not_pending");
        bench.Objects().ShouldBe([$"gateway/files/{file["file-".Length..]}"]);
    }

    [Fact]
    public async Task What_cannot_be_an_upload_is_refused_and_one_that_ends_without_a_file_leaves_nothing()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var clock = new ManualTimeProvider();
        await using var gateway = await bench.StartAsync(new Plan(), clock, ("Files:MaxBytes", "2048"), ("Files:MaxPartBytes", "1024"), ("Files:MaxProjectBytes", "3000"));
        var client = new WorkClient(gateway.Client);

        FileTests.Refused(await client.PostAsync("/v1/uploads", "{}"), 400, "missing_required_parameter");
        FileTests.Refused(await client.PostAsync("/v1/uploads", Upload(0)), 400, "invalid_value");
        FileTests.Refused(await client.PostAsync("/v1/uploads", Upload(2049)), 413, "file_too_large");
        FileTests.Refused(await client.PostAsync("/v1/uploads", Upload(10).Replace("batch", "vision", StringComparison.Ordinal)), 400, "invalid_purpose");
        FileTests.Refused(await client.PostAsync("/v1/uploads", Upload(10).Replace("in.jsonl", "a\\u0000b", StringComparison.Ordinal)), 400, "invalid_value");

        // 1. Room is promised when it begins, and given back when it ends.
        var id = WorkClient.Text((await client.PostAsync("/v1/uploads", Upload(2048))).Body, "id");
        FileTests.Refused(await client.PostAsync("/v1/uploads", Upload(2048)), 403, "storage_quota_exceeded");
        FileTests.Refused(await client.UploadAsync(new string('x', 1000)), 403, "storage_quota_exceeded");
        FileTests.Refused(await AddAsync(client, id, new string('x', 1025)), 413, "part_too_large");
        FileTests.Refused(await AddAsync(client, id, ""), 400, "empty_file");
        await PartAsync(client, id, new string('x', 1024));
        (await client.PostAsync($"/v1/uploads/{id}/cancel", "")).Body["status"]?.ToString().ShouldBe("cancelled");
        FileTests.Refused(await AddAsync(client, id, "x"), 409, "upload_not_pending");
        bench.Objects().ShouldBeEmpty();

        // 2. One that nobody goes on with is over after its time.
        id = WorkClient.Text((await client.PostAsync("/v1/uploads", Upload(2048))).Body, "id");
        var part = await PartAsync(client, id, "x");
        bench.Objects().Count.ShouldBe(1);
        clock.Advance(TimeSpan.FromHours(1));
        FileTests.Refused(await client.PostAsync($"/v1/uploads/{id}/complete", Completion(part)), 409, "upload_not_pending");
        await gateway.Services.GetServices<IHostedService>().OfType<FileSweep>().Single().RunOnceAsync(TestContext.Current.CancellationToken);
        bench.Objects().ShouldBeEmpty();
        (await client.PostAsync("/v1/uploads", Upload(2048))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_part_whose_answer_was_lost_is_sent_again_and_what_is_over_the_promise_needs_room()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan(), ("Files:MaxProjectBytes", "2048"));
        var client = new WorkClient(gateway.Client);

        // 1. All of it sent twice, but no more, and no one part has more than the whole; the parts that are named make the file.
        var id = WorkClient.Text((await client.PostAsync("/v1/uploads", Upload(600))).Body, "id");
        await PartAsync(client, id, new string('l', 400));
        var first = await PartAsync(client, id, new string('a', 400));
        await PartAsync(client, id, new string('l', 200));
        FileTests.Refused(await AddAsync(client, id, new string('x', 201)), 400, "upload_too_large");
        FileTests.Refused(await AddAsync(client, id, new string('x', 601)), 400, "upload_too_large");
        var second = await PartAsync(client, id, new string('b', 200));
        FileTests.Refused(await AddAsync(client, id, "x"), 400, "upload_too_large");

        // 2. What came twice is the project's until then.
        FileTests.Refused(await client.PostAsync("/v1/uploads", Upload(849)), 403, "storage_quota_exceeded");
        var (status, done) = await client.PostAsync($"/v1/uploads/{id}/complete", Completion(first, second));
        status.ShouldBe(200, done.ToJsonString());
        var file = WorkClient.Text(done, "file.id");
        using (var content = await gateway.GetAsync($"/v1/files/{file}/content"))
        {
            (await GatewayUnderTest.TextAsync(content)).ShouldBe(new string('a', 400) + new string('b', 200));
        }

        bench.Objects().ShouldBe([$"gateway/files/{file["file-".Length..]}"]);

        // 3. Where the project has no room but the promised one, nothing comes twice.
        id = WorkClient.Text((await client.PostAsync("/v1/uploads", Upload(1448))).Body, "id");
        await PartAsync(client, id, new string('x', 1448));
        FileTests.Refused(await AddAsync(client, id, "x"), 403, "storage_quota_exceeded");
        bench.Objects().Count.ShouldBe(2);
    }

    [Fact]
    public async Task One_at_a_time_completes_an_upload_and_so_many_those_of_a_project_and_a_refusal_says_why()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan(), ("Files:MaxUploads", "1"), ("Files:MaxProjectBytes", "2048"));
        var client = new WorkClient(gateway.Client);
        var running = gateway.Services.GetRequiredService<RunningUploads>();
        var id = WorkClient.Text((await client.PostAsync("/v1/uploads", Upload(2))).Body, "id");
        var completion = Completion(await PartAsync(client, id, "{}"));
        var part = bench.Objects();

        // 1. Somebody is at it, and then all of the project's places are taken.
        using (running.TryJoin("default", Guid.ParseExact(id["upload_".Length..], "N")))
        {
            FileTests.Refused(await client.PostAsync($"/v1/uploads/{id.ToUpperInvariant().Replace("UPLOAD", "upload", StringComparison.Ordinal)}/complete", completion), 409, "upload_being_completed");
        }

        using (running.TryBegin("default", 0, out _))
        {
            FileTests.Refused(await client.PostAsync($"/v1/uploads/{id}/complete", completion), 429, "too_many_uploads");
        }

        // 2. Another gateway is at it, and then it has died.
        var uploads = gateway.Services.GetRequiredService<UploadStore>();
        var known = Guid.ParseExact(id["upload_".Length..], "N");
        var until = await uploads.TryJoinAsync(known, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        FileTests.Refused(await client.PostAsync($"/v1/uploads/{id}/complete", completion), 409, "upload_being_completed");
        bench.Objects().ShouldBe(part);
        await uploads.EndJoinAsync(known, until.ShouldNotBeNull().AddSeconds(1), TestContext.Current.CancellationToken);
        (await uploads.TryJoinAsync(known, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken)).ShouldBeNull("who has lost it ends nobody else's");
        await uploads.EndJoinAsync(known, until.ShouldNotBeNull(), TestContext.Current.CancellationToken);
        (await uploads.TryJoinAsync(known, TimeSpan.Zero, TestContext.Current.CancellationToken)).ShouldNotBeNull("its time is over at once");

        // 3. What a batch left takes the promised room, and who was refused holds up nobody.
        var store = gateway.Services.GetRequiredService<FileStore>();
        var (output, now) = (Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        await store.BeginAsync(output, "default", "somebody", "a line", now, TestContext.Current.CancellationToken);
        var left = new FileRow { Id = output, Project = "default", Purpose = FilePurposes.BatchOutput, Filename = "output.jsonl", Bytes = 2047, CreatedAt = now };
        (await store.CommitAsync(left, long.MaxValue, now, TestContext.Current.CancellationToken)).ShouldBe(FileCommit.Kept);
        FileTests.Refused(await client.PostAsync($"/v1/uploads/{id}/complete", completion), 403, "storage_quota_exceeded");
        bench.Objects().ShouldBe(part);

        // 4. With room, of several at once one makes the file and all name it, as those do that ask again.
        (await new WorkClient(gateway.Client, Plan.AdminKey).SendAsync(HttpMethod.Delete, $"/v1/files/file-{output:n}")).Status.ShouldBe(200);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.PostAsync($"/v1/uploads/{id}/complete", completion)));
        answers.ShouldAllBe(answer => answer.Status == 200 || WorkClient.Text(answer.Body, "error.code") == "upload_being_completed");
        var file = answers.Where(answer => answer.Status == 200).Select(answer => WorkClient.Text(answer.Body, "file.id")).Distinct().ShouldHaveSingleItem();
        bench.Objects().ShouldBe([$"gateway/files/{file["file-".Length..]}"]);
    }

    private static string Upload(int bytes, string more = "") => $$"""{"filename":"in.jsonl","purpose":"batch","bytes":{{bytes}},"mime_type":"application/jsonl"{{more}}}""";

    private static string Completion(params string[] parts) => new JsonObject { ["part_ids"] = new JsonArray([.. parts.Select(part => (JsonNode?)part)]) }.ToJsonString();

    private static async Task<string> PartAsync(WorkClient client, string upload, string text)
    {
        var (status, part) = await AddAsync(client, upload, text);
        status.ShouldBe(200, part.ToJsonString());
        (WorkClient.Text(part, "object"), WorkClient.Text(part, "upload_id")).ShouldBe(("upload.part", upload));
        return WorkClient.Text(part, "id");
    }

    private static async Task<(int Status, JsonNode Body)> AddAsync(WorkClient client, string upload, string text)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "data", "part" } };
        return await client.SendAsync(HttpMethod.Post, $"/v1/uploads/{upload}/parts", content: form);
    }
}
