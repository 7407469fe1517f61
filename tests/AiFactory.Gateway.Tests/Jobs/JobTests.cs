using System.Text.Json.Nodes;
using AiFactory.Contracts;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Jobs;

public sealed class JobTests(PostgresFixture postgres)
{
    private const string Chat = """{"model":"demo-chat","messages":[{"role":"user","content":"hi"}]}""";
    private const string Vectors = """{"object":"list","model":"demo-embed","data":[{"object":"embedding","index":0,"embedding":[0.5,1]}],"usage":{"prompt_tokens":2,"total_tokens":2}}""";

    [Fact]
    public async Task A_request_of_any_kind_is_answered_later_and_its_result_is_kept_until_it_is_deleted()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, context.Request.Path == "/v1/embeddings" ? Vectors : FakeWorker.Completion));
        await using var gateway = await bench.StartAsync(Plan.Of(Plan.Deployment("demo-chat", worker), Plan.Deployment("demo-embed", "default", "embedding", "project", worker)));
        var (client, other) = (new WorkClient(gateway.Client), new WorkClient(gateway.Client, Plan.OtherKey));

        // 1. Taken: 202, where it is, and what it is called.
        using (var taken = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/jobs", json: $$"""{"url":"/v1/chat/completions","body":{{Chat}},"metadata":{"for":"a test"} }""")))
        {
            ((int)taken.StatusCode).ShouldBe(202);
            var job = JsonNode.Parse(await GatewayUnderTest.TextAsync(taken));
            taken.Headers.Location?.ToString().ShouldBe($"/api/jobs/{job?["id"]}");
            (WorkClient.Text(job, "status"), WorkClient.Text(job, "url"), WorkClient.Text(job, "metadata.for")).ShouldBe(("queued", "/v1/chat/completions", "a test"));
        }

        // 2. Each is answered as its route answers.
        var chat = WorkClient.Text((await client.GetAsync("/api/jobs")).Body["items"]?[0], "id");
        JsonNode.DeepEquals((await EndedAsync(client, chat, "succeeded"))["result"]?["body"], JsonNode.Parse(FakeWorker.Completion)).ShouldBeTrue();
        var embed = await EndedAsync(client, await JobAsync(client, """{"body":{"model":"demo-embed","payload":{"input":"a text"}}}"""), "succeeded");
        (WorkClient.Text(embed, "url"), WorkClient.Text(embed, "result.body.task"), WorkClient.Text(embed, "result.body.usage.prompt_tokens")).ShouldBe(("/api/infer", "embedding", "2"));
        var message = await EndedAsync(client, await JobAsync(client, """{"url":"/v1/messages","body":{"model":"demo-chat","max_tokens":8,"messages":[{"role":"user","content":"hi"}]}}"""), "succeeded");
        WorkClient.Text(message, "result.body.type").ShouldBe("message");
        var nobody = await EndedAsync(client, await JobAsync(client, """{"url":"/v1/chat/completions","body":{"model":"nobody","messages":[]}}"""), "failed");
        (WorkClient.Text(nobody, "result.status"), WorkClient.Text(nobody, "result.body.error.code"), WorkClient.Text(nobody, "progress.done")).ShouldBe(("404", "model_not_found", "1"));
        worker.Seen.ShouldAllBe(seen => seen.Headers[WireHeaders.Objective] == "sheddable");

        // 3. Listed, newest first, in pages; batches do not stand among them, nor they among batches.
        var (_, page) = await client.GetAsync("/api/jobs?limit=3");
        page["items"]?.AsArray().Select(job => WorkClient.Text(job, "status")).ShouldBe(["failed", "succeeded", "succeeded"]);
        (await client.GetAsync($"/api/jobs?limit=3&after={page["next"]}")).Body["items"]?.AsArray().Select(job => WorkClient.Text(job, "id")).ShouldBe([chat]);
        (await client.GetAsync("/v1/batches")).Body["data"]?.AsArray().Count.ShouldBe(0);

        // 4. Another project has no part in it; deleted it is forgotten.
        Refused(await other.GetAsync($"/api/jobs/{chat}"), 404, "job_not_found");
        Refused(await other.GetAsync($"/api/jobs/{chat}/result"), 404, "job_not_found");
        Refused(await other.SendAsync(HttpMethod.Delete, $"/api/jobs/{chat}"), 404, "job_not_found");
        (await client.GetAsync($"/api/jobs/{chat}/result")).Body["id"]?.ToString().ShouldBe("chatcmpl-1");
        (await client.SendAsync(HttpMethod.Delete, $"/api/jobs/{chat}")).Status.ShouldBe(204);
        Refused(await client.GetAsync($"/api/jobs/{chat}"), 404, "job_not_found");
    }

    [Fact]
    public async Task A_large_body_and_a_large_result_lie_in_object_storage_and_go_with_their_job()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, $$"""{"large":"{{new string('x', 5000)}}"}"""));
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), ("Batches:InlineBytes", "100"));
        var client = new WorkClient(gateway.Client);
        var body = $$"""{"model":"demo-chat","messages":[{"role":"user","content":"{{new string('y', 3000)}}"}]}""";

        var id = await JobAsync(client, $$"""{"url":"/v1/chat/completions","body":{{body}} }""");
        var job = await EndedAsync(client, id, "succeeded");

        worker.Seen.Single().Body.ShouldBe(body);
        (job["result"]?["body"], WorkClient.Text(job, "result.url")).ShouldBe((null, $"/api/jobs/{id}/result"));
        WorkClient.Text((await client.GetAsync($"/api/jobs/{id}/result")).Body, "large").Length.ShouldBe(5000);
        bench.Objects().ShouldBe([$"gateway/work/{id["job_".Length..]}/1-1", $"gateway/work/{id["job_".Length..]}/body"]);
        (await client.SendAsync(HttpMethod.Delete, $"/api/jobs/{id}")).Status.ShouldBe(204);
        bench.Objects().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("65536")]
    [InlineData("10")] // the body lies in object storage
    public async Task A_job_that_is_asked_for_again_under_its_key_is_the_one_that_there_is_and_is_done_once(string inline)
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), ("Batches:InlineBytes", inline));
        var request = $$"""{"url":"/v1/chat/completions","body":{{Chat}} }""";

        // 1. Also at once, and in whatever order they come.
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => AskAsync(request, "\"a-1\"")));
        answers.ShouldAllBe(answer => answer.Status == 202);
        var id = answers.Select(answer => WorkClient.Text(answer.Body, "id")).Distinct().ShouldHaveSingleItem();
        answers.Count(answer => answer.Again).ShouldBe(5);
        await EndedAsync(new WorkClient(gateway.Client), id, "succeeded");

        // 2. When it has ended the answer tells its end; another project, or another name, is another job.
        var later = await AskAsync(request, "\"a-1\"");
        (later.Status, later.Again, WorkClient.Text(later.Body, "id"), WorkClient.Text(later.Body, "status")).ShouldBe((202, true, id, "succeeded"));
        worker.Seen.Count.ShouldBe(1);
        WorkClient.Text((await AskAsync(request, "a-1")).Body, "id").ShouldNotBe(id, "the quotes are part of it");
        WorkClient.Text((await AskAsync(request, "\"a-1\"", Plan.OtherKey)).Body, "id").ShouldNotBe(id);

        // 3. What is no name, or names something else.
        Refused(await PairAsync(request.Replace("hi", "ho"), "\"a-1\""), 422, "idempotency_key_reused");
        Refused(await PairAsync(request, new string('x', 256)), 400, "invalid_idempotency_key");
        Refused(await PairAsync(request, "two words"), 400, "invalid_idempotency_key");

        // 4. Deleted it is forgotten, and so is its name.
        (await new WorkClient(gateway.Client).SendAsync(HttpMethod.Delete, $"/api/jobs/{id}")).Status.ShouldBe(204);
        (await AskAsync(request, "\"a-1\"")).Again.ShouldBeFalse();

        async Task<(int Status, JsonNode Body)> PairAsync(string json, string key)
        {
            var (status, body, _) = await AskAsync(json, key);
            return (status, body);
        }

        async Task<(int Status, JsonNode Body, bool Again)> AskAsync(string json, string key, string caller = Plan.DeveloperKey)
        {
            using var asked = GatewayUnderTest.Request(HttpMethod.Post, "/api/jobs", caller, json);
            asked.Headers.TryAddWithoutValidation("Idempotency-Key", key);
            using var answer = await gateway.SendAsync(asked);
            return ((int)answer.StatusCode, JsonNode.Parse(await GatewayUnderTest.TextAsync(answer)) ?? new JsonObject(), answer.Headers.Contains("Idempotent-Replayed"));
        }
    }

    [Fact]
    public async Task A_result_is_shown_as_the_model_s_service_wrote_it_however_deep_it_is()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var deep = $$"""{"a":{{new string('[', 200)}}"\ud800"{{new string(']', 200)}}}""";
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, deep));
        await using var gateway = await bench.StartAsync(Plan.Chat(worker));
        var client = new WorkClient(gateway.Client);
        var id = await JobAsync(client, $$"""{"url":"/v1/chat/completions","body":{{Chat}} }""");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await client.GetAsync("/api/jobs")).Body["items"]?[0]?["endedAt"] is null)
        {
            await Task.Delay(20, limit.Token);
        }

        using var job = await gateway.GetAsync($"/api/jobs/{id}");

        var text = await GatewayUnderTest.TextAsync(job);
        ((int)job.StatusCode).ShouldBe(200, text);
        text.ShouldContain($"\"body\":{deep}");
    }

    [Fact]
    public async Task A_job_that_is_deleted_before_its_end_is_cancelled_and_its_request_with_it()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var stopped = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            using var left = context.RequestAborted.Register(() => stopped.TrySetResult());
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await bench.StartAsync(Plan.Chat(worker));
        var client = new WorkClient(gateway.Client);
        var id = await JobAsync(client, $$"""{"url":"/v1/chat/completions","body":{{Chat}} }""");
        await GatewayUnderTest.UntilAsync(() => !worker.Seen.IsEmpty);
        WorkClient.Text((await client.GetAsync($"/api/jobs/{id}")).Body, "status").ShouldBe("running");
        Refused(await client.GetAsync($"/api/jobs/{id}/result"), 409, "job_not_ended");

        (await client.SendAsync(HttpMethod.Delete, $"/api/jobs/{id}")).Status.ShouldBe(202);

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        var job = await EndedAsync(client, id, "cancelled");
        (job["result"], WorkClient.Text(job, "error.code")).ShouldBe((null, "batch_cancelled"));
        Refused(await client.GetAsync($"/api/jobs/{id}/result"), 404, "job_without_result");
    }

    [Fact]
    public async Task What_cannot_be_a_job_is_refused_by_its_member()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan(), ("Batches:Concurrency", "0"));
        var client = new WorkClient(gateway.Client);

        Refused(await client.PostAsync("/api/jobs", "{"), 400, "invalid_json");
        Refused(await client.PostAsync("/api/jobs", "{}"), 400, "invalid_body");
        Refused(await client.PostAsync("/api/jobs", $$"""{"url":"/api/library/models","body":{{Chat}} }"""), 400, "invalid_value");
        Refused(await client.PostAsync("/api/jobs", """{"url":"/v1/chat/completions","body":{}}"""), 400, "missing_required_parameter");
        Refused(await client.PostAsync("/api/jobs", """{"url":"/v1/chat/completions","body":{"model":"m","stream":true}}"""), 400, "stream_not_supported");
        Refused(await client.PostAsync("/api/jobs", """{"body":{"model":"m"}}"""), 400, "invalid_value");
        Refused(await client.PostAsync("/api/jobs", $$"""{"url":"/v1/chat/completions","body":{{Chat}},"completion_window":"soon"}"""), 400, "invalid_value");
        Refused(await client.PostAsync("/api/jobs", $$"""{"url":"/v1/chat/completions","body":{{Chat}},"webhook":"ftp://example.com"}"""), 400, "invalid_webhook");
        Refused(await client.PostAsync("/api/jobs", $$"""{"url":"/v1/chat/completions","body":{{Chat}},"webhook":"http://10.0.0.1/hook"}"""), 400, "invalid_webhook");
        Refused(await client.PostAsync("/api/jobs", $$"""{"url":"/v1/chat/completions","body":{{Chat}},"webhook":"http://localhost/hook"}"""), 400, "invalid_webhook");
        Refused(await client.PostAsync("/api/jobs", $$"""{"url":"/v1/chat/completions","body":{{Chat}},"webhook":"http://example.com/a\u0000b"}"""), 400, "invalid_webhook");
        Refused(await client.PostAsync("/api/jobs", $$"""{"url":"/v1/chat/completions","body":{{Chat}},"webhook":"https://example.com/hook"}"""), 409, "webhook_secret_missing");
        (await client.GetAsync("/api/jobs")).Body["items"]?.AsArray().Count.ShouldBe(0);
    }

    /// <summary>S1's row for asynchronous inference.</summary>
    [Fact]
    public async Task A_job_whose_gateway_is_killed_is_done_once_when_that_is_back_and_told_of_under_one_id()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var gone = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await gone.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var receiver = await FakeWorker.StartedAsync(_ => Task.CompletedTask);
        await using var library = await FakeLibrary.StartedAsync(Plan.Chat(worker).Snapshot());
        await using var gateway = new GatewayProcess(library, [.. bench.Settings, ("Batches:Lease", "00:00:01"), ("Webhooks:AllowedHosts:0", "127.0.0.1"), ("Probes:Interval", "00:10:00")]);
        await gateway.StartAsync();
        var client = new WorkClient(gateway.Client);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await client.PostAsync("/api/webhooks/secret", "")).Status != StatusCodes.Status200OK)
        {
            // A gateway is ready before its database has its tables.
            await Task.Delay(25, limit.Token);
        }

        var id = await JobAsync(client, $$"""{"url":"/v1/chat/completions","body":{{Chat}},"webhook":"{{receiver.Address}}hook"}""");
        await GatewayUnderTest.UntilAsync(() => !worker.Seen.IsEmpty);
        gateway.Kill();
        await gateway.StartAsync();
        gone.SetResult();

        var job = await EndedAsync(client, id, "succeeded");
        WorkClient.Text(job, "result.body.id").ShouldBe("chatcmpl-1");
        await GatewayUnderTest.UntilAsync(() => !receiver.Seen.IsEmpty);
        receiver.Seen.Select(seen => seen.Headers["webhook-id"]).Distinct().Count().ShouldBe(1);
        worker.Seen.Select(seen => seen.Headers["x-request-id"]).Distinct().Count().ShouldBe(1);
    }

    internal static async Task<string> JobAsync(WorkClient client, string json)
    {
        var (status, job) = await client.PostAsync("/api/jobs", json);
        status.ShouldBe(202, job.ToJsonString());
        return WorkClient.Text(job, "id");
    }

    internal static async Task<JsonNode> EndedAsync(WorkClient client, string id, string status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var (_, job) = await client.GetAsync($"/api/jobs/{id}");
            if (WorkClient.Text(job, "endedAt").Length > 0)
            {
                WorkClient.Text(job, "status").ShouldBe(status, job.ToJsonString());
                return job;
            }

            limit.IsCancellationRequested.ShouldBeFalse($"it should have ended: {job.ToJsonString()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    internal static void Refused((int Status, JsonNode Body) answer, int status, string code) =>
        (answer.Status, WorkClient.Text(answer.Body, "code")).ShouldBe((status, code), answer.Body.ToJsonString());
}
