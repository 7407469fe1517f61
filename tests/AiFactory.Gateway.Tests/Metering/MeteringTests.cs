using System.Globalization;
using System.Net;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Metering;

/// <summary>However a request to a model ends, the ledger has one record of it.</summary>
public sealed class MeteringTests(PostgresFixture postgres)
{
    private const string StreamBody = """{"model":"demo-chat","stream":true,"messages":[]}""";
    private const string UsageEvent = "data: {\"id\":\"1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7,\"total_tokens\":16,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\n";

    [Fact]
    public async Task An_answer_leaves_a_record_of_who_asked_what_of_whom_and_what_it_took()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker);
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ledger.Setting, ("Pricing:Models:0:Model", "demo-chat"), ("Pricing:Models:0:Input", "0.5"), ("Pricing:Models:0:Output", "10"));
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: """{"model":"demo-chat","messages":[]}""");
        request.Headers.Add("x-request-id", "my-id");

        using var response = await gateway.SendAsync(request);
        await GatewayUnderTest.TextAsync(response);

        var row = (await ledger.RowsAsync(1)).Single();
        (row.Project, row.KeyId, row.Subject).ShouldBe(("default", plan.Keys[1].Id, $"key:{plan.Keys[1].Id}"));
        (row.Operation, row.RequestedModel, row.Deployment, row.DeploymentId).ShouldBe(("chat/completions", "demo-chat", "demo-chat", plan.Deployments[0].Id));
        (row.Model, row.ModelVersion, row.Replica, row.RequestId).ShouldBe(("demo-chat", 1, $"127.0.0.1:{worker.Address.Port}", "my-id"));
        (row.PromptTokens, row.CachedTokens, row.CompletionTokens, row.Estimated).ShouldBe((9, null, 2, false));
        (row.Outcome, row.Error, row.Status, row.Stream, row.Attempts).ShouldBe(("answered", null, 200, false, 1));
        (row.FirstTokenMicros, row.QueuedMicros).ShouldBe((null, 0));
        row.TotalMicros.ShouldBeGreaterThan(0);
        // 9 of 0.5 and 2 of 10 for a million; 4.5 of those nine is the nearest even.
        row.CostMicros.ShouldBe(24);
        row.PriceVersion.ShouldNotBeNull().Length.ShouldBe(12);
        row.Id.Version.ShouldBe(7);
    }

    [Theory]
    [InlineData("""{"model":"demo-chat","stream":true,"messages":[]}""", false)]
    [InlineData("""{"model":"demo-chat","stream":true,"stream_options":{"include_usage":false},"messages":[]}""", false)]
    [InlineData("""{"model":"demo-chat","stream":true,"stream_options":{"include_usage":true},"messages":[]}""", true)]
    public async Task A_streams_tokens_are_exact_and_only_a_client_that_asked_sees_the_usage(string body, bool asked)
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("two") + UsageEvent + "data: [DONE]\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ledger.Setting);

        using var response = await gateway.ChatAsync(body);

        (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Chunk("one") + FakeWorker.Chunk("two") + (asked ? UsageEvent : "") + "data: [DONE]\n\n");
        worker.Seen.Single().Body.ShouldContain("\"stream_options\":{\"include_usage\":true}");
        var row = (await ledger.RowsAsync(1)).Single();
        (row.PromptTokens, row.CachedTokens, row.CompletionTokens, row.Estimated, row.Stream).ShouldBe((9, 4, 7, false, true));
        row.FirstTokenMicros.ShouldNotBeNull().ShouldBeLessThanOrEqualTo(row.TotalMicros);
    }

    [Fact]
    public async Task A_client_that_leaves_is_charged_what_was_produced_and_it_is_called_an_estimate()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        var gone = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n" + FakeWorker.Chunk("one") + FakeWorker.Chunk("two"));
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("three"));
            await gone.Task.WaitAsync(context.RequestAborted);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ledger.Setting);

        using (var response = await gateway.ChatAsync(StreamBody))
        {
            await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            var text = "";
            var buffer = new byte[4096];
            while (!text.Contains("three", StringComparison.Ordinal))
            {
                text += System.Text.Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
            }
        }

        var row = (await ledger.RowsAsync(1)).Single();
        (row.Outcome, row.CompletionTokens, row.PromptTokens, row.Estimated, row.Status).ShouldBe(("client-left", 3, (worker.Seen.Single().Body.Length + 3) / 4, true, 200), "the prompt as limits estimate it");
    }

    /// <summary>As the worker's <c>response.created</c> repeats the request's tools: their schema once passed for the usage, and for all that came after it.</summary>
    [Fact]
    public async Task A_client_whose_own_usage_is_echoed_is_charged_what_was_produced()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, """
                event: response.created
                data: {"type":"response.created","response":{"id":"resp_1","output":[],"tools":[{"type":"function","name":"f","parameters":{"properties":{"usage":{"input_tokens":0,"output_tokens":0}}}}],"usage":null}}


                """);
            for (var i = 0; i < 200; i++)
            {
                await FakeWorker.WriteEventAsync(context, "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"word\"}\n\n");
            }

            await FakeWorker.WriteEventAsync(context, "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"LAST\"}\n\n");
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ledger.Setting, ("Pricing:Models:0:Model", "demo-chat"), ("Pricing:Models:0:Output", "10"));

        using (var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/responses", json: """{"model":"demo-chat","stream":true,"input":"Hi","tools":[]}""")))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            while ((await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull().Contains("LAST", StringComparison.Ordinal) is false)
            {
            }
        }

        var row = (await ledger.RowsAsync(1)).Single();
        (row.Outcome, row.CompletionTokens, row.PromptTokens, row.Estimated, row.CostMicros).ShouldBe(("client-left", 201, 15, true, 2010));
    }

    [Fact]
    public async Task A_refusal_a_deadline_a_failure_and_a_failover_leave_one_record_each()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var refusing = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{\"error\":{}}", 400));
        await using var silent = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var serving = await FakeWorker.StartedAsync();
        await using var first = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("refusing", refusing), Plan.Deployment("silent", silent), Plan.Deployment("none"), Plan.Deployment("two", first, serving), Plan.Deployment("one", serving)),
            ledger.Setting, ("Forwarding:CompletionTimeout", "00:00:00.300"), ("Forwarding:ReplicaWait", "00:00:00.050"));

        async Task<HttpStatusCode> AskAsync(string model)
        {
            using var response = await gateway.ChatAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{Guid.CreateVersion7()}}"}]}""");
            return response.StatusCode;
        }

        (await AskAsync("refusing")).ShouldBe(HttpStatusCode.BadRequest);
        (await AskAsync("silent")).ShouldBe(HttpStatusCode.GatewayTimeout);
        (await AskAsync("none")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        // Until the one that refuses was chosen first.
        var asked = 0;
        while (first.Seen.IsEmpty)
        {
            (await AskAsync("two")).ShouldBe(HttpStatusCode.OK);
            asked++;
        }

        var rows = await ledger.RowsAsync(3 + asked);
        rows.Count.ShouldBe(3 + asked);
        var byModel = rows.ToLookup(row => row.RequestedModel);
        Said(byModel["refusing"].Single()).ShouldBe(("refused", "400", 400, 1));
        Said(byModel["silent"].Single() with { Attempts = 0 }).ShouldBe(("deadline", "completion_timeout", 504, 0));
        Said(byModel["none"].Single()).ShouldBe(("failed", "model_not_ready", 503, 0));
        Said(byModel["two"].Last()).ShouldBe(("answered", null, 200, 2));
        byModel["two"].Last().Replica.ShouldBe($"127.0.0.1:{serving.Address.Port}");

        static (string, string?, int, int) Said(UsageRow row) => (row.Outcome, row.Error, row.Status, row.Attempts);
    }

    [Fact]
    public async Task Every_operation_is_metered_by_its_route_and_what_reaches_no_model_is_not()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"usage":{"prompt_tokens":5,"total_tokens":5}}"""));
        await using var builder = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("demo-chat", worker), Plan.Deployment("embed", "other", "embedding", "factory", worker)), ledger.Setting, ("services:builder:http:0", builder.Address.ToString()));
        foreach (var (path, model) in new[] { ("chat/completions", "demo-chat"), ("completions", "demo-chat"), ("responses", "demo-chat"), ("embeddings", "embed"), ("rerank", "embed"), ("chat/completions", "flow/support") })
        {
            using var answered = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, $"/v1/{path}", json: $$"""{"model":"{{model}}"}"""));
            answered.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            await GatewayUnderTest.TextAsync(answered);
        }

        using var unknown = await gateway.ChatAsync("""{"model":"unknown"}""");
        using var keyless = await gateway.ChatAsync(key: null);
        using var viewer = await gateway.ChatAsync(key: Plan.ViewerKey);
        using var broken = await gateway.ChatAsync("{");

        var rows = await ledger.RowsAsync(6);
        rows.Select(row => (row.Operation, row.RequestedModel, row.PromptTokens)).ShouldBe(
            [
                ("chat/completions", "demo-chat", 5), ("completions", "demo-chat", 5), ("responses", "demo-chat", 5), ("embeddings", "embed", 5), ("rerank", "embed", 5),
                ("flows", "flow/support", null),
            ],
            ignoreOrder: true);
        rows.ShouldAllBe(row => row.Project == "default", "a deployment that another project shares is charged to who called it");
    }

    [Fact]
    public async Task Requests_at_once_are_counted_once_each()
    {
        const int Requests = 300;
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(context => context.Request.Headers["x-tokens"] is [{ } tokens]
            ? FakeWorker.WriteJsonAsync(context, $$$"""{"usage":{"prompt_tokens":1,"completion_tokens":{{{tokens}}}}}""")
            : Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ledger.Setting);

        await Parallel.ForEachAsync(Enumerable.Range(1, Requests), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: """{"model":"demo-chat"}""");
            request.Headers.Add("x-tokens", i.ToString(CultureInfo.InvariantCulture));
            using var response = await gateway.SendAsync(request);
            await GatewayUnderTest.TextAsync(response);
        });

        var rows = await ledger.RowsAsync(Requests);
        rows.Select(row => row.CompletionTokens ?? 0).Order().ShouldBe(Enumerable.Range(1, Requests).Select(i => (long)i));
    }
}
