using System.Globalization;
using System.Text.Json.Nodes;
using AiFactory.Contracts;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.Files;
using AiFactory.Testing;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace AiFactory.Gateway.Tests.Batches;

public sealed class BatchTests(PostgresFixture postgres)
{
    private static string Body(string content) => $$"""{"model":"demo-chat","messages":[{"role":"user","content":"{{content}}"}]}""";

    [Fact]
    public async Task Each_request_leaves_one_line_in_the_output_or_the_error_file_and_one_record_of_its_owners()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(AnswerAsync);
        var plan = Plan.Chat(worker);
        await using var gateway = await bench.StartAsync(plan, ("Batches:InlineBytes", "1000"));
        var client = new WorkClient(gateway.Client);

        // 1. Lines of several kinds: a good one, one that is refused, one for a model that is not there, one with a large answer; Windows' line ends and an empty line.
        var id = await client.BatchAsync(
        [
            WorkClient.Line("good", Body("hi")) + "\r", WorkClient.Line("refused", Body("refuse")), "", WorkClient.Line("nobody", """{"model":"nobody","messages":[]}"""),
            WorkClient.Line("large", Body("large")) + "\r", WorkClient.Line("quoted \\\"ü\\\"", Body("hi")), "",
        ]);
        var batch = await client.UntilAsync(id, "completed");

        // 2. The batch.
        batch["request_counts"]?.ToJsonString().ShouldBe("""{"total":5,"completed":3,"failed":2}""");
        foreach (var time in new[] { "created_at", "in_progress_at", "finalizing_at", "completed_at", "expires_at" })
        {
            ((long?)batch[time]).ShouldNotBeNull(time);
        }

        ((long?)batch["expires_at"]).ShouldBe((long?)batch["created_at"] + (24 * 3600));
        batch["errors"].ShouldBeNull();

        (WorkClient.Text(batch, "usage.input_tokens"), WorkClient.Text(batch, "usage.output_tokens"), WorkClient.Text(batch, "usage.total_tokens")).ShouldBe(("18", "4", "22"));

        // 3. Its files, in the order of the input.
        var output = await client.LinesAsync(batch, "output_file_id");
        output.Select(line => WorkClient.Text(line, "custom_id")).ShouldBe(["good", "large", "quoted \"ü\""]);
        output.ShouldAllBe(line => WorkClient.Text(line, "response.status_code") == "200" && line["error"] == null);
        JsonNode.DeepEquals(output[0]["response"]?["body"], JsonNode.Parse(FakeWorker.Completion)).ShouldBeTrue();
        WorkClient.Text(output[1], "response.body.large").Length.ShouldBe(5000);
        WorkClient.Text(output[0], "id").ShouldBe($"batch_req_{id["batch_".Length..]}_1");
        var errors = await client.LinesAsync(batch, "error_file_id");
        errors.Select(line => (WorkClient.Text(line, "custom_id"), WorkClient.Text(line, "response.status_code"), WorkClient.Text(line, "response.body.error.code")))
            .ShouldBe([("refused", "400", "too_rude"), ("nobody", "404", "model_not_found")]);
        var (_, file) = await client.GetAsync($"/v1/files/{batch["output_file_id"]}");
        (WorkClient.Text(file, "purpose"), WorkClient.Text(file, "filename")).ShouldBe(("batch_output", $"{id}_output.jsonl"));

        // 4. The worker was asked with the priority of work that waits, once for each, with the body as the file has it; the ledger has it under the owner's key.
        worker.Seen.Count.ShouldBe(4);
        worker.Seen.ShouldAllBe(seen => seen.Headers[WireHeaders.Objective] == "sheddable");
        worker.Seen.Select(seen => seen.Body).ShouldContain(Body("large"));
        var rows = await bench.Ledger.RowsAsync(4);
        rows.ShouldAllBe(row => row.KeyId == plan.Keys[1].Id && row.Project == "default");
        rows.Select(row => row.RequestId).Order().ShouldBe(new[] { 1, 2, 5, 6 }.Select(line => $"batch_req_{id["batch_".Length..]}_{line}"));

        // 5. Nobody else sees it, and it cannot be cancelled any more.
        var other = new WorkClient(gateway.Client, Plan.OtherKey);
        FileTests.Refused(await other.GetAsync($"/v1/batches/{id}"), 404, "batch_not_found");
        FileTests.Refused(await other.PostAsync($"/v1/batches/{id}/cancel", ""), 404, "batch_not_found");
        (await other.GetAsync("/v1/batches")).Body["data"]?.AsArray().Count.ShouldBe(0);
        FileTests.Refused(await client.PostAsync($"/v1/batches/{id}/cancel", ""), 409, "batch_not_cancellable");
    }

    [Fact]
    public async Task A_malformed_file_fails_the_batch_with_the_numbers_of_its_lines_and_asks_no_model()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), ("Batches:MaxRequests", "9"));
        var client = new WorkClient(gateway.Client);

        var bad = await client.UntilAsync(
            await client.BatchAsync(
            [
                WorkClient.Line("a"), "{\"custom_id\":", "[]", WorkClient.Line(""), WorkClient.Line("b", url: "/v1/embeddings"), WorkClient.Line("c", "[]"), WorkClient.Line("d", "{}"),
                WorkClient.Line("e", """{"model":"m","stream":true}"""), WorkClient.Line("a"), WorkClient.Line("f").Replace("POST", "GET", StringComparison.Ordinal),
            ]),
            "failed");
        var empty = await client.UntilAsync(await client.BatchAsync(["\n\n"]), "failed");
        var many = await client.UntilAsync(await client.BatchAsync(Enumerable.Range(0, 10).Select(i => WorkClient.Line($"{i}"))), "failed");

        Errors(bad).ShouldBe(
        [
            (2, "invalid_json_line", ""), (3, "invalid_json_line", ""), (4, "invalid_custom_id", "custom_id"), (5, "invalid_url", "url"), (6, "invalid_body", "body"),
            (7, "missing_required_parameter", "body.model"), (8, "stream_not_supported", "body.stream"), (9, "duplicate_custom_id", "custom_id"), (10, "invalid_method", "method"),
        ]);
        WorkClient.Text(bad["errors"]?["data"]?[7], "message").ShouldContain("line 1 already");
        Errors(empty).ShouldBe([(null, "empty_file", "input_file_id")]);
        Errors(many).ShouldBe([(10, "too_many_requests", "")]);
        ((long?)bad["failed_at"]).ShouldNotBeNull();
        (bad["output_file_id"], bad["error_file_id"]).ShouldBe((null, null));
        worker.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_a_batch_is_refused_by_its_member()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var gateway = await bench.StartAsync(new Plan(), ("Batches:Concurrency", "0"), ("Batches:MaxOpen", "1"));
        var client = new WorkClient(gateway.Client);
        var file = WorkClient.Text((await client.UploadAsync(WorkClient.Line("a"))).Body, "id");
        string Request(string endpoint = "/v1/chat/completions", string window = "24h", string input = "", string more = "") =>
            $$"""{"input_file_id":"{{(input.Length > 0 ? input : file)}}","endpoint":"{{endpoint}}","completion_window":"{{window}}"{{more}}}""";

        FileTests.Refused(await client.PostAsync("/v1/batches", "{"), 400, "invalid_json");
        FileTests.Refused(await client.PostAsync("/v1/batches", "{}"), 400, "missing_required_parameter");
        FileTests.Refused(await client.PostAsync("/v1/batches", Request(endpoint: "/v1/images")), 400, "invalid_value");
        FileTests.Refused(await client.PostAsync("/v1/batches", Request(window: "soon")), 400, "invalid_value");
        FileTests.Refused(await client.PostAsync("/v1/batches", Request(more: ",\"metadata\":{\"a\":1}")), 400, "invalid_value");
        FileTests.Refused(await client.PostAsync("/v1/batches", Request(input: "file-00000000000000000000000000000000")), 404, "file_not_found");
        FileTests.Refused(await new WorkClient(gateway.Client, Plan.OtherKey).PostAsync("/v1/batches", Request()), 404, "file_not_found");

        // The file of a batch stays; a second batch is one too many; cancelled before anything began, it has nothing but its end.
        var (_, batch) = await client.PostAsync("/v1/batches", Request(more: ",\"metadata\":{\"for\":\"a test\"}"));
        WorkClient.Text(batch, "metadata.for").ShouldBe("a test");
        FileTests.Refused(await client.SendAsync(HttpMethod.Delete, $"/v1/files/{file}"), 409, "file_in_use");
        FileTests.Refused(await client.PostAsync("/v1/batches", Request()), 429, "too_many_batches");
        var id = WorkClient.Text(batch, "id");
        WorkClient.Text((await client.PostAsync($"/v1/batches/{id}/cancel", "")).Body, "status").ShouldBe("cancelling");
        await client.UntilAsync(id, "cancelled");
        (await client.SendAsync(HttpMethod.Delete, $"/v1/files/{file}")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_cancelled_batch_stops_its_requests_and_keeps_what_it_has()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var stopped = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(context => HangOrAnswerAsync(context, stopped));
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), ("Batches:RequestsPerBatch", "2"));
        var client = new WorkClient(gateway.Client);
        var id = await client.BatchAsync([WorkClient.Line("quick", Body("hi")), WorkClient.Line("slow", Body("hang")), WorkClient.Line("slow too", Body("hang")), WorkClient.Line("never", Body("hi"))]);
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 3);
        await client.UntilAsync(id, batch => WorkClient.Text(batch, "request_counts.completed") == "1");

        (await client.PostAsync($"/v1/batches/{id}/cancel", "")).Status.ShouldBe(200);

        var ended = await client.UntilAsync(id, "cancelled");
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        (await client.LinesAsync(ended, "output_file_id")).Select(line => WorkClient.Text(line, "custom_id")).ShouldBe(["quick"]);
        (await client.LinesAsync(ended, "error_file_id")).Select(line => (WorkClient.Text(line, "custom_id"), WorkClient.Text(line, "error.code"), line["response"]))
            .ShouldBe([("slow", "batch_cancelled", null), ("slow too", "batch_cancelled", null), ("never", "batch_cancelled", null)]);
        (((long?)ended["cancelling_at"]).HasValue, ((long?)ended["cancelled_at"]).HasValue).ShouldBe((true, true));
        worker.Seen.Count.ShouldBe(3);
        WorkClient.Text((await client.PostAsync($"/v1/batches/{id}/cancel", "")).Body, "status").ShouldBe("cancelled");
    }

    [Fact]
    public async Task A_batch_whose_time_is_over_keeps_what_it_has_and_says_what_it_has_not()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var clock = new ManualTimeProvider();
        await using var worker = await FakeWorker.StartedAsync(context => HangOrAnswerAsync(context));
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), clock, ("Batches:RequestsPerBatch", "1"));
        var client = new WorkClient(gateway.Client);
        var id = await client.BatchAsync([WorkClient.Line("quick", Body("hi")), WorkClient.Line("slow", Body("hang")), WorkClient.Line("never", Body("hi"))], window: "2h");
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 2);

        clock.Advance(TimeSpan.FromHours(2));

        var ended = await client.UntilAsync(id, "expired");
        (await client.LinesAsync(ended, "output_file_id")).Select(line => WorkClient.Text(line, "custom_id")).ShouldBe(["quick"]);
        (await client.LinesAsync(ended, "error_file_id")).Select(line => (WorkClient.Text(line, "custom_id"), WorkClient.Text(line, "error.code")))
            .ShouldBe([("slow", "batch_expired"), ("never", "batch_expired")]);
        ((long?)ended["expired_at"]).ShouldBe((long?)ended["expires_at"]);
        ended["request_counts"]?.ToJsonString().ShouldBe("""{"total":3,"completed":1,"failed":2}""");
    }

    [Fact]
    public async Task A_key_that_is_revoked_ends_its_batch_with_that_reason()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var release = new SemaphoreSlim(0);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await release.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        var plan = Plan.Chat(worker);
        await using var gateway = await bench.StartAsync(plan, ("Batches:RequestsPerBatch", "1"));
        var (owner, admin) = (new WorkClient(gateway.Client), new WorkClient(gateway.Client, Plan.AdminKey));
        var id = await owner.BatchAsync([WorkClient.Line("first"), WorkClient.Line("second")]);
        await GatewayUnderTest.UntilAsync(() => !worker.Seen.IsEmpty);

        await gateway.PublishAsync(plan with { Version = 2, Keys = [.. plan.Keys.Where(key => key.Id != plan.Keys[1].Id)] });
        release.Release(2);

        var ended = await admin.UntilAsync(id, "failed");
        Errors(ended).Select(error => error.Code).ShouldBe(["api_key_revoked"]);
        (await admin.LinesAsync(ended, "output_file_id")).Select(line => WorkClient.Text(line, "custom_id")).ShouldBe(["first"]);
        (await admin.LinesAsync(ended, "error_file_id")).Select(line => WorkClient.Text(line, "error.code")).ShouldBe(["api_key_revoked"]);
        worker.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_that_is_rotated_hands_its_batch_on_to_its_successor()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var release = new SemaphoreSlim(0);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await release.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        var plan = Plan.Chat(worker);
        await using var gateway = await bench.StartAsync(plan, ("Batches:RequestsPerBatch", "1"));
        var (owner, admin) = (new WorkClient(gateway.Client), new WorkClient(gateway.Client, Plan.AdminKey));
        var id = await owner.BatchAsync([WorkClient.Line("first"), WorkClient.Line("second")]);
        await GatewayUnderTest.UntilAsync(() => !worker.Seen.IsEmpty);

        var former = plan.Keys[1];
        var successor = former with { Id = Guid.CreateVersion7(), Hash = new string('a', 64), Family = former.Id };
        await gateway.PublishAsync(plan with { Version = 2, Keys = [.. plan.Keys.Where(key => key.Id != former.Id), successor] });
        release.Release(2);

        await admin.UntilAsync(id, "completed");
        (await bench.Ledger.RowsAsync(2)).Select(row => row.KeyId).ShouldBe([former.Id, successor.Id], ignoreOrder: true);
    }

    [Fact]
    public async Task A_flow_that_was_under_way_when_its_gateway_was_stopped_is_not_begun_again()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var builder = await FakeWorker.StartedAsync(context => context.Request.Method == "POST" ? Task.Delay(Timeout.Infinite, context.RequestAborted) : FakeWorker.WriteJsonAsync(context, "{}"));
        var setting = ("services:builder:http:0", builder.Address.ToString());
        string id;
        await using (var stopped = await bench.StartAsync(new Plan(), setting))
        {
            id = await new WorkClient(stopped.Client).BatchAsync([WorkClient.Line("a", """{"model":"flow/answers","messages":[]}""")]);
            await GatewayUnderTest.UntilAsync(() => builder.Seen.Any(seen => seen.Method == "POST"));
        }

        await using var gateway = await bench.StartAsync(new Plan(), setting);
        var client = new WorkClient(gateway.Client);

        var error = (await client.LinesAsync(await client.UntilAsync(id, "completed"), "error_file_id")).Single();
        WorkClient.Text(error, "error.code").ShouldBe("request_interrupted");
        builder.Seen.Count(seen => seen.Method == "POST").ShouldBe(1);
    }

    [Fact]
    public async Task A_request_that_is_told_to_wait_waits_and_one_that_breaks_its_replica_is_not_tried_for_ever()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var full = 3;
        await using var worker = await FakeWorker.StartedAsync(context =>
        {
            if (context.Items[FakeWorker.BodyItem] is string body && body.Contains("break", StringComparison.Ordinal))
            {
                context.Abort();
                return Task.CompletedTask;
            }

            return Interlocked.Decrement(ref full) >= 0
                ? FakeWorker.WriteJsonAsync(context, """{"error":{"message":"full","type":"rate_limit_error","code":"queue_full"}}""", 429)
                : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await bench.StartAsync(
            Plan.Chat(worker), ("Forwarding:ReplicaWait", "00:00:00"), ("Retries:MostRounds", "0"), ("Batches:Attempts", "1"), ("Breakers:FirstPause", "00:00:00.010"), ("Breakers:LongestPause", "00:00:00.010"));
        var client = new WorkClient(gateway.Client);

        var ended = await client.UntilAsync(await client.BatchAsync([WorkClient.Line("breaks", Body("break")), WorkClient.Line("waits", Body("hi")), WorkClient.Line("waits too", Body("hi"))]), "completed");

        (await client.LinesAsync(ended, "output_file_id")).Select(line => WorkClient.Text(line, "custom_id")).ShouldBe(["waits", "waits too"]);
        var error = (await client.LinesAsync(ended, "error_file_id")).Single();
        WorkClient.Text(error, "custom_id").ShouldBe("breaks");
        WorkClient.Text(error, "response.status_code").ShouldBeOneOf("502", "503");
        full.ShouldBeLessThan(0);
    }

    [Fact]
    public async Task A_project_whose_files_have_grown_beyond_their_bound_begins_no_more_batches_until_it_deletes_some()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", new string('x', 4000), StringComparison.Ordinal)));
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), ("Files:MaxProjectBytes", "2048"));
        var client = new WorkClient(gateway.Client);
        var ended = await client.UntilAsync(await client.BatchAsync([WorkClient.Line("a", Body("hi"))]), "completed");
        var again = $$"""{"input_file_id":"{{WorkClient.Text(ended, "input_file_id")}}","endpoint":"/v1/chat/completions","completion_window":"24h"}""";

        FileTests.Refused(await client.PostAsync("/v1/batches", again), 403, "storage_quota_exceeded");

        (await client.SendAsync(HttpMethod.Delete, $"/v1/files/{WorkClient.Text(ended, "output_file_id")}")).Status.ShouldBe(200);
        (await client.PostAsync("/v1/batches", again)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_batch_learns_how_many_of_its_requests_a_limit_lets_run_at_once_and_does_not_pause()
    {
        var go = new TaskCompletionSource();
        var gate = new Lock();
        var (running, most) = (0, 0);
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++running);
            }

            await go.Task.WaitAsync(context.RequestAborted);
            lock (gate)
            {
                running--;
            }

            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await bench.StartAsync(Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Concurrency, null, 2));
        var client = new WorkClient(gateway.Client);

        var id = await client.BatchAsync([.. Enumerable.Range(0, 12).Select(i => WorkClient.Line($"r{i}", Body("hi")))]);
        await using var source = NpgsqlDataSource.Create(bench.Ledger.ConnectionString);
        await using var room = source.CreateCommand("select max(room) from batches");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await room.ExecuteScalarAsync(limit.Token) is not 2.0)
        {
            await Task.Delay(20, limit.Token);
        }

        // The second has its place before it is at the worker.
        await GatewayUnderTest.UntilAsync(() => Volatile.Read(ref running) == 2);
        await using var pauses = source.CreateCommand("select max(pauses) from batches");
        (await pauses.ExecuteScalarAsync(limit.Token)).ShouldBe(0);
        go.SetResult();
        var ended = await client.UntilAsync(id, "completed");

        (await client.LinesAsync(ended, "output_file_id")).Length.ShouldBe(12);
        most.ShouldBe(2);
    }

    [Fact]
    public async Task A_flow_is_run_once_for_its_line_also_when_the_builder_breaks_off()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var builder = await FakeWorker.StartedAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var gateway = await bench.StartAsync(new Plan(), ("services:builder:http:0", builder.Address.ToString()));
        var client = new WorkClient(gateway.Client);

        var ended = await client.UntilAsync(await client.BatchAsync([WorkClient.Line("a", """{"model":"flow/answers","messages":[]}""")]), "completed");

        var error = (await client.LinesAsync(ended, "error_file_id")).Single();
        (WorkClient.Text(error, "response.status_code"), WorkClient.Text(error, "response.body.error.code")).ShouldBe(("502", "upstream_failed"));
        builder.Seen.Count(seen => seen.Method == "POST").ShouldBe(1);
    }

    private static (int? Line, string Code, string Param)[] Errors(JsonNode batch) =>
        [.. batch["errors"]?["data"]?.AsArray().Select(error => ((int?)error?["line"], WorkClient.Text(error, "code"), WorkClient.Text(error, "param"))) ?? []];

    private static async Task HangOrAnswerAsync(HttpContext context, TaskCompletionSource? stopped = null)
    {
        if (context.Items[FakeWorker.BodyItem] is string body && body.Contains("hang", StringComparison.Ordinal))
        {
            using var left = context.RequestAborted.Register(() => stopped?.TrySetResult());
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }

        await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
    }

    private static Task AnswerAsync(HttpContext context) => context.Items[FakeWorker.BodyItem] switch
    {
        string body when body.Contains("refuse", StringComparison.Ordinal) => FakeWorker.WriteJsonAsync(context, """{"error":{"message":"No.","type":"invalid_request_error","code":"too_rude"}}""", 400),
        string body when body.Contains("large", StringComparison.Ordinal) => FakeWorker.WriteJsonAsync(context, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "large": "{{new string('x', 5000)}}"
            }
            """)),
        _ => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion),
    };
}
