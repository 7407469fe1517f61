using System.Net;
using System.Text.Json.Nodes;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Caching;

/// <summary>FEATURES, row 18: whole answers.</summary>
public sealed class ResponseCacheTests(PostgresFixture postgres)
{
    private const string Body = """{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}],"temperature":0}""";
    private const string StreamBody = """{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}],"temperature":0,"stream":true}""";

    private static readonly CachePolicy Policy = new() { Responses = true };

    [Fact]
    public async Task A_second_equal_call_is_a_marked_hit_and_the_worker_is_not_asked()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker), ledger.Setting, ("Pricing:Models:0:Model", "demo-chat"), ("Pricing:Models:0:Input", "1"), ("Pricing:Models:0:Output", "1"));

        using var first = await gateway.ChatAsync(Body);
        using var second = await gateway.ChatAsync(""" { "user" : "ada", "temperature":0, "metadata":{"a":"b"}, "messages":[{"content":"\u0048i","role":"user"}],"model":"demo\u002dchat"}""");

        (await GatewayUnderTest.TextAsync(first)).ShouldBe(FakeWorker.Completion);
        (await GatewayUnderTest.TextAsync(second)).ShouldBe(FakeWorker.Completion);
        (Mark(first), Mark(second)).ShouldBe(("miss", "hit"));
        first.Headers.Age.ShouldBeNull();
        second.Headers.Age.ShouldNotBeNull();
        second.Content.Headers.ContentType?.MediaType.ShouldBe("application/json");
        worker.Seen.Count.ShouldBe(1);

        var rows = await ledger.RowsAsync(2);
        rows.Select(row => (row.Cache, row.Outcome, row.PromptTokens, row.CompletionTokens, row.Estimated, row.Attempts, row.CostMicros))
            .ShouldBe([("miss", "answered", 9L, 2L, false, 1, 11L), ("hit", "answered", 0L, 0L, false, 0, 0L)]);
    }

    [Fact]
    public async Task Another_request_is_another_answer()
    {
        await using var worker = await CountingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker));
        (string Body, string Mark)[] cases =
        [
            (Body, "miss"),
            ("""{"model":"demo-chat","messages":[{"role":"user","content":"hi"}],"temperature":0}""", "miss"),
            ("""{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}],"temperature":0.0}""", "miss"),
            ("""{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}],"temperature":0,"chat_template_kwargs":{}}""", "miss"),
            ("""{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}],"messages":[{"role":"user","content":"Hi"}],"temperature":0}""", "bypass"),
            ("""{"model":"demo-chat","messages":[{"role":"user","content":"Hi","content":"Hi"}],"temperature":0}""", "bypass"),
            ("""{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}],"temperature":0,"store":true}""", "bypass"),
        ];
        foreach (var (i, (body, mark)) in cases.Index())
        {
            using var response = await gateway.ChatAsync(body);

            (Mark(response), Answer(await GatewayUnderTest.TextAsync(response))).ShouldBe((mark, $"answer {i + 1}"), body);
        }
    }

    [Fact]
    public async Task No_answer_reaches_another_project_and_none_of_a_caller_of_the_whole_factory_a_project()
    {
        await using var worker = await CountingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("demo-chat", "default", "chat", "factory", worker) with { Cache = Policy }));

        var answers = new List<string>();
        foreach (var key in (string[])[Plan.DeveloperKey, Plan.OtherKey, Plan.OtherKey, Plan.DeveloperKey])
        {
            using var response = await gateway.ChatAsync(Body, key);
            answers.Add($"{Mark(response)} {Answer(await GatewayUnderTest.TextAsync(response))}");
        }

        answers.ShouldBe(["miss answer 1", "miss answer 2", "hit answer 2", "hit answer 1"]);
    }

    [Fact]
    public async Task A_new_version_misses_and_the_old_one_while_it_stands_in_is_neither_kept_nor_given()
    {
        await using var worker = await CountingAsync();
        var plan = Of(worker);
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        using var first = await gateway.ChatAsync(Body);
        await GatewayUnderTest.TextAsync(first);

        await gateway.PublishAsync(plan with { Version = 2, Deployments = [plan.Deployments[0] with { Digest = "sha256:01", ModelVersion = 2, ServesFormer = true }] });
        using var during = await gateway.ChatAsync(Body);
        await gateway.PublishAsync(plan with { Version = 3, Deployments = [plan.Deployments[0] with { Digest = "sha256:01", ModelVersion = 2 }] });
        using var after = await gateway.ChatAsync(Body);

        Mark(during).ShouldBe("bypass");
        (Mark(after), Answer(await GatewayUnderTest.TextAsync(after))).ShouldBe(("miss", "answer 3"));
    }

    [Fact]
    public async Task A_whole_answer_is_given_as_a_stream_and_a_stream_as_a_whole_answer()
    {
        await using var worker = await FakeWorker.StartedAsync(context => AnswerAsync(context, "Hello"));
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker));

        using var stream = await gateway.ChatAsync(StreamBody);
        await GatewayUnderTest.TextAsync(stream);
        using var whole = await gateway.ChatAsync(Body);
        using var again = await gateway.ChatAsync(StreamBody);
        using var usage = await gateway.ChatAsync(StreamBody.Replace("\"stream\":true", "\"stream\":true,\"stream_options\":{\"include_usage\":true}", StringComparison.Ordinal));

        (Mark(stream), Mark(whole), Mark(again), Mark(usage)).ShouldBe(("miss", "hit", "hit", "hit"));
        var answer = JsonNode.Parse(await GatewayUnderTest.TextAsync(whole));
        (answer?["choices"]?[0]?["message"]?["content"]?.GetValue<string>(), answer?["usage"]?["total_tokens"]?.GetValue<int>()).ShouldBe(("Hello", 11));
        var events = await GatewayUnderTest.TextAsync(again);
        again.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        events.ShouldContain("\"content\":\"Hello\"");
        events.ShouldNotContain("usage", customMessage: "the client did not ask");
        (await GatewayUnderTest.TextAsync(usage)).ShouldContain("\"total_tokens\":11");
        worker.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_request_says_what_caches_may_do_for_it()
    {
        await using var worker = await CountingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker));

        (await AskAsync("Cache-Control", "no-store")).ShouldBe("miss answer 1");
        (await AskAsync("x-aifactory-cache", "bypass")).ShouldBe("bypass answer 2");
        (await AskAsync("Cache-Control", "max-age=600")).ShouldBe("miss answer 3");
        (await AskAsync("x-aifactory-cache", "Bypass")).ShouldBe("bypass answer 4");
        (await AskAsync("Cache-Control", "no-store")).ShouldBe("hit answer 3");
        (await AskAsync("Cache-Control", "no-cache")).ShouldBe("bypass answer 5");
        (await AskAsync("Cache-Control", "max-age=600")).ShouldBe("hit answer 5");
        (await AskAsync("Cache-Control", "no-cache, no-store")).ShouldBe("bypass answer 6");
        (await AskAsync("x-other", "1")).ShouldBe("hit answer 5");

        async Task<string> AskAsync(string name, string value)
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body);
            request.Headers.TryAddWithoutValidation(name, value);
            using var response = await gateway.SendAsync(request);
            return $"{Mark(response)} {Answer(await GatewayUnderTest.TextAsync(response))}";
        }
    }

    [Fact]
    public async Task A_hit_needs_no_worker_and_ends_with_its_time_its_policy_or_its_models_revocation()
    {
        var clock = new ManualTimeProvider();
        await using var worker = await CountingAsync();
        var plan = Of(worker) with { Deployments = [Plan.Deployment("demo-chat", worker) with { Cache = Policy with { Ttl = TimeSpan.FromMinutes(10) } }] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan, clock);
        using var first = await gateway.ChatAsync(Body);
        await GatewayUnderTest.TextAsync(first);

        await gateway.PublishAsync(plan with { Version = 2, Deployments = [plan.Deployments[0] with { Replicas = [] }] });
        clock.Advance(TimeSpan.FromMinutes(5));
        using var without = await gateway.ChatAsync(Body);
        (without.StatusCode, Mark(without), without.Headers.Age).ShouldBe((HttpStatusCode.OK, "hit", TimeSpan.FromMinutes(5)));

        await gateway.PublishAsync(plan with { Version = 3, Deployments = [plan.Deployments[0] with { Revoked = "it lies" }] });
        using var revoked = await gateway.ChatAsync(Body);
        revoked.StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        await gateway.PublishAsync(plan with { Version = 4, Deployments = [plan.Deployments[0] with { Cache = Policy with { Ttl = TimeSpan.FromMinutes(4) } }] });
        using var older = await gateway.ChatAsync(Body);
        Mark(older).ShouldBe("miss", "the policy of now counts");
        await GatewayUnderTest.TextAsync(older);

        await gateway.PublishAsync(plan with { Version = 5 });
        clock.Advance(TimeSpan.FromMinutes(10));
        using var later = await gateway.ChatAsync(Body);
        Mark(later).ShouldBe("miss");
    }

    /// <summary>Each kind of answer twice: the worker has to be asked for both.</summary>
    [Fact]
    public async Task What_is_not_a_whole_answer_is_not_kept()
    {
        (string Text, int Status) next = ("", 200);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            context.Response.StatusCode = next.Status;
            context.Response.ContentType = next.Text.StartsWith("data:", StringComparison.Ordinal) ? "text/event-stream" : "application/json";
            await context.Response.WriteAsync(next.Text);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker), ("Caching:LargestAnswer", "1024"));
        (string Text, int Status)[] cases =
        [
            (FakeWorker.Completion.Replace("Hello", new string('x', 2000), StringComparison.Ordinal), 200),
            ("""{"error":{"message":"CUDA"},"choices":[{"message":{},"finish_reason":"stop"}]}""", 200),
            ("""{"choices":[{"index":0,"message":{"content":"I"},"finish_reason":null}]}""", 200),
            ("""{"choices":[{"index":0,"message":{"content":"I"},"finish_reason":"content_filter"}]}""", 200),
            ("""{"choices":[]}""", 200),
            ("""{"choices":[""", 200),
            ("""{"error":{"message":"no"}}""", 400),
            ("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"I\"},\"finish_reason\":null}]}\n\n", 200),
        ];
        foreach (var one in cases)
        {
            next = one;
            for (var i = 0; i < 2; i++)
            {
                using var response = await gateway.ChatAsync(one.Text.StartsWith("data:", StringComparison.Ordinal) ? StreamBody : Body);
                (await GatewayUnderTest.TextAsync(response)).ShouldBe(one.Text);
                (response.StatusCode, Mark(response)).ShouldBe(((HttpStatusCode)one.Status, "miss"));
            }
        }

        worker.Seen.Count.ShouldBe(2 * cases.Length);
    }

    [Fact]
    public async Task What_chance_has_a_part_in_is_left_out_where_the_policy_says_so()
    {
        await using var worker = await CountingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("demo-chat", worker) with { Cache = Policy with { DeterministicOnly = true } }));

        (await MarksAsync("""{"model":"demo-chat"}""")).ShouldBe(["bypass", "bypass"]);
        (await MarksAsync("""{"model":"demo-chat","temperature":0.7}""")).ShouldBe(["bypass", "bypass"]);
        (await MarksAsync("""{"model":"demo-chat","temperature":0.7,"seed":7}""")).ShouldBe(["miss", "hit"]);
        (await MarksAsync("""{"model":"demo-chat","temperature":0.0}""")).ShouldBe(["miss", "hit"]);

        async Task<string[]> MarksAsync(string body)
        {
            using var first = await gateway.ChatAsync(body);
            await GatewayUnderTest.TextAsync(first);
            using var second = await gateway.ChatAsync(body);
            return [Mark(first), Mark(second)];
        }
    }

    [Fact]
    public async Task What_stood_in_for_a_deployment_that_failed_is_not_kept_as_its_answer()
    {
        await using var primary = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var second = await CountingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("demo-chat", primary) with { Cache = Policy, Traffic = new TrafficPolicy { Fallbacks = ["second"] } }, Plan.Deployment("second", second)), ("Retries:Delay", "00:00:00.001"));

        for (var i = 1; i <= 2; i++)
        {
            using var response = await gateway.ChatAsync(Body);
            (Mark(response), Answer(await GatewayUnderTest.TextAsync(response))).ShouldBe(("miss", $"answer {i}"));
        }
    }

    [Fact]
    public async Task Without_a_policy_nothing_is_kept_or_marked_and_the_other_protocols_share_what_is()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("plain", worker), Plan.Deployment("demo-chat", worker) with { Cache = Policy }));

        using var plain = await gateway.ChatAsync("""{"model":"plain"}""");
        plain.Headers.Contains(CacheMarks.Header).ShouldBeFalse();
        const string infer = """{"model":"demo-chat","payload":{"messages":[{"role":"user","content":"Hi"}]}}""";
        using var first = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/infer", json: infer));
        await GatewayUnderTest.TextAsync(first);
        using var second = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/infer", json: infer));
        (Mark(first), Mark(second)).ShouldBe(("miss", "hit"));
        (await GatewayUnderTest.TextAsync(second)).ShouldContain("Hello");
    }

    internal static Plan Of(params FakeWorker[] workers) => Plan.Of(Plan.Deployment("demo-chat", workers) with { Cache = Policy });

    internal static string Mark(HttpResponseMessage response) => response.Headers.GetValues(CacheMarks.Header).Single();

    internal static string? Answer(string text) => JsonNode.Parse(text)?["choices"]?[0]?["message"]?["content"]?.GetValue<string>();

    /// <summary>Its answers say which one they are.</summary>
    internal static async Task<FakeWorker> CountingAsync()
    {
        var count = 0;
        return await FakeWorker.StartedAsync(context => AnswerAsync(context, $"answer {Interlocked.Increment(ref count)}"));
    }

    internal static async Task AnswerAsync(HttpContext context, string text)
    {
        if (!((string)context.Items[FakeWorker.BodyItem]!).Contains("\"stream\":true", StringComparison.Ordinal)) // the worker sets it
        {
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", text, StringComparison.Ordinal));
            return;
        }

        await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk(text[..1]));
        await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk(text[1..]));
        await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("").Replace("null", "\"stop\"", StringComparison.Ordinal));
        await FakeWorker.WriteEventAsync(context, "data: {\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}\n\ndata: [DONE]\n\n");
    }
}
