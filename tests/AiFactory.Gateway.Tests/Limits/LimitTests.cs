using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.Sockets;
using AiFactory.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Limits;

/// <summary>What one gateway lets pass, and what it says of what it does not.</summary>
public sealed class LimitTests
{
    private const string Stream = """{"model":"demo-chat","stream":true,"max_tokens":50,"messages":[]}""";

    [Fact]
    public async Task Of_sixty_requests_a_minute_the_61st_is_refused_until_the_minute_is_over()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 11, 22, 9, 0, 48, TimeSpan.Zero));
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker).Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Minute, 60, name: "pace"), clock);
        for (var i = 1; i <= 60; i++)
        {
            using var answer = await gateway.ChatAsync();
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"request {i}");
            Header(answer, "x-ratelimit-limit-requests").ShouldBe("60");
            Header(answer, "x-ratelimit-remaining-requests").ShouldBe($"{60 - i}");
            Header(answer, "x-ratelimit-reset-requests").ShouldBe("12s");
        }

        using (var refused = await gateway.ChatAsync())
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            Header(refused, "Retry-After").ShouldBe("12");
            Header(refused, "x-ratelimit-remaining-requests").ShouldBe("0");
            var error = await ErrorAsync(refused);
            (error.GetProperty("code").GetString(), error.GetProperty("type").GetString()).ShouldBe(("rate_limit_exceeded", "requests"));
            error.GetProperty("message").GetString().ShouldBe("The limit 'pace' of this API key is reached: 60 requests a minute. It begins anew in 12s. An administrator can raise it in the library.");
        }

        worker.Seen.Count.ShouldBe(60);
        clock.Advance(TimeSpan.FromSeconds(12));
        using var next = await gateway.ChatAsync();
        next.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Tokens_are_reserved_before_and_settled_with_what_was_used_however_a_request_ends()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Tokens, LimitPeriods.Total, 5000));
        var body = """{"model":"demo-chat","max_tokens":50,"messages":[]}""";
        var prompt = (body.Length + 3) / 4;

        // 1. While it runs, its prompt as estimated and the whole of its max_tokens.
        var go = new TaskCompletionSource();
        worker.Script = async context =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        };
        var running = gateway.ChatAsync(body);
        await GatewayUnderTest.UntilAsync(() => !worker.Seen.IsEmpty);
        Figures(gateway).ShouldBe((0, prompt + 50));
        go.SetResult();
        using (var answer = await running)
        {
            await SettledAsync(gateway, 11);
        }

        // 2. A failure takes nothing.
        worker.Script = context => FakeWorker.WriteJsonAsync(context, "{}", 500);
        (await AskAsync(gateway, body)).ShouldBeFalse();
        await SettledAsync(gateway, 11);

        // 3. A stream takes what it told.
        worker.Script = context => FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("a") + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7}}\n\ndata: [DONE]\n\n");
        (await AskAsync(gateway, Stream)).ShouldBeTrue();
        await SettledAsync(gateway, 27);

        // 4. A client that left takes what was made for it, and the prompt as it was estimated.
        worker.Script = async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("a") + FakeWorker.Chunk("b") + FakeWorker.Chunk("c"));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        using (var left = await gateway.ChatAsync(Stream))
        {
            await using var stream = await left.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await stream.ReadExactlyAsync(new byte[3 * Encoding.UTF8.GetByteCount(FakeWorker.Chunk("a"))], TestContext.Current.CancellationToken);
        }

        await SettledAsync(gateway, 27 + 3 + ((Stream.Length + 3) / 4));

        // 5. A model's refusal is a request, and takes no token.
        worker.Script = context => FakeWorker.WriteJsonAsync(context, "{\"error\":{\"code\":\"x\"}}", 400);
        (await AskAsync(gateway, body)).ShouldBeFalse();
        await SettledAsync(gateway, 30 + ((Stream.Length + 3) / 4));
    }

    [Fact]
    public async Task Requests_at_once_are_bounded_and_a_place_is_free_when_one_has_ended()
    {
        var go = new SemaphoreSlim(0);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await go.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker).Limited(LimitScopes.Factory, LimitMeasures.Concurrency, null, 2));
        var running = new[] { gateway.ChatAsync(), gateway.ChatAsync(key: Plan.AdminKey) };
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 2);

        using (var third = await gateway.ChatAsync())
        {
            third.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            Header(third, "Retry-After").ShouldBe("1");
            (await ErrorAsync(third)).GetProperty("message").GetString().ShouldStartWith("The limit 'test' of the factory is reached: 2 requests at once. Try again when one of them has ended.");
        }

        go.Release(3);
        await Task.WhenAll(running);
        await GatewayUnderTest.UntilAsync(() => Figures(gateway) == (0, 0));
        (await AskAsync(gateway, """{"model":"demo-chat"}""")).ShouldBeTrue();
        Array.ForEach(running, one => one.Result.Dispose());
    }

    [Fact]
    public async Task Money_ends_at_the_budget_and_the_answer_says_that_it_is_no_pace()
    {
        // 2 tokens of an answer cost 20 millionths, a prompt nothing: 0.0001 is enough for five.
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Cost, LimitPeriods.Month, 0.0001m, name: "budget"), ("Pricing:Models:0:Model", "demo-chat"), ("Pricing:Models:0:Output", "10"));
        for (var i = 0; i < 5; i++)
        {
            (await AskAsync(gateway, """{"model":"demo-chat","max_tokens":2}""")).ShouldBeTrue();
            await SettledAsync(gateway, 20 * (i + 1));
        }

        using var refused = await gateway.ChatAsync("""{"model":"demo-chat","max_tokens":2}""");

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var error = await ErrorAsync(refused);
        (error.GetProperty("code").GetString(), error.GetProperty("type").GetString()).ShouldBe(("insufficient_quota", "insufficient_quota"));
        error.GetProperty("message").GetString().ShouldNotBeNull().ShouldStartWith("The limit 'budget' of the project 'default' is reached: 0.0001 EUR a month.");
    }

    [Fact]
    public async Task A_limit_is_for_whom_it_names_and_what_it_refuses_touches_nobody_else()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Of(Plan.Deployment("demo-chat", "default", "chat", "factory", worker), Plan.Deployment("other-chat", worker))
            .Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Total, 3, name: "each-key")
            .Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Total, 1, model: "other-chat", name: "model")
            .Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Total, 1, owner: "00000000-0000-0000-0000-000000000001", name: "somebody");
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        (await CountAsync(Plan.DeveloperKey, "other-chat", 3)).ShouldBe(1);
        (await CountAsync(Plan.DeveloperKey, "demo-chat", 10)).ShouldBe(2, "what the model's limit refused took none of the key's");
        (await CountAsync(Plan.AdminKey, "demo-chat", 10)).ShouldBe(3);
        (await CountAsync(Plan.OtherKey, "demo-chat", 10)).ShouldBe(10, "another project's key");

        async Task<int> CountAsync(string key, string model, int asked)
        {
            var passed = 0;
            for (var i = 0; i < asked; i++)
            {
                using var answer = await gateway.ChatAsync($$"""{"model":"{{model}}"}""", key);
                passed += answer.IsSuccessStatusCode ? 1 : 0;
            }

            return passed;
        }
    }

    /// <summary>Row 11: a flood of one client leaves the other's requests alone.</summary>
    [Fact]
    public async Task A_flood_of_one_key_leaves_the_other_keys_requests_alone()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker).Limited(LimitScopes.Key, LimitMeasures.Concurrency, null, 4).Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Hour, 200, name: "hour"));
        using var enough = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 32).Select(async _ =>
        {
            var refused = 0;
            while (!enough.IsCancellationRequested)
            {
                using var answer = await gateway.ChatAsync();
                refused += answer.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
            }

            return refused;
        }).ToArray();

        var served = 0;
        for (var i = 0; i < 100; i++)
        {
            using var answer = await gateway.ChatAsync(key: Plan.AdminKey);
            served += answer.IsSuccessStatusCode ? 1 : 0;
        }

        await enough.CancelAsync();
        (await Task.WhenAll(flood)).Sum().ShouldBeGreaterThan(0);
        served.ShouldBe(100);
    }

    [Fact]
    public async Task Every_protocol_counts_once_and_is_told_in_its_own_words()
    {
        await using var worker = await FakeWorker.StartedAsync(context => context.Request.Path.Value switch
        {
            "/v1/embeddings" => FakeWorker.WriteJsonAsync(context, """{"data":[{"embedding":[1]}],"usage":{"prompt_tokens":3,"total_tokens":3}}"""),
            "/tokenize" => FakeWorker.WriteJsonAsync(context, """{"count":3}"""),
            _ => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion),
        });
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("demo-chat", worker), Plan.Deployment("embed", "default", "embedding", "project", worker)).Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Total, 9));
        (string Path, string Body, string Code)[] protocols =
        [
            ("/v1/chat/completions", """{"model":"demo-chat"}""", "insufficient_quota"),
            ("/v1/completions", """{"model":"demo-chat"}""", "insufficient_quota"),
            ("/v1/responses", """{"model":"demo-chat"}""", "insufficient_quota"),
            ("/v1/embeddings", """{"model":"embed"}""", "insufficient_quota"),
            ("/v1/messages", """{"model":"demo-chat","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}""", "rate_limit_error"),
            ("/v1/messages/count_tokens", """{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}]}""", "rate_limit_error"),
            ("/api/infer", """{"model":"demo-chat","payload":{"messages":[]}}""", "insufficient_quota"),
            ("/v2/models/demo-chat/infer", """{"inputs":[]}""", "'test'"),
        ];
        foreach (var (path, body, _) in protocols)
        {
            using var answer = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, json: body));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            Header(answer, "x-ratelimit-limit-requests").ShouldBe("9", path);
        }

        using var socket = await SocketClient.OpenAsync(gateway);
        await socket.SendAsync("""{"request_id":"a","model":"demo-chat"}""");
        (await socket.ReadAsync()).ToString().ShouldNotBeNull().ShouldContain("chat.completion");
        (await socket.ReadAsync()).ToString().ShouldNotBeNull().ShouldContain("done");
        await SettledAsync(gateway, 9);
        await socket.SendAsync("""{"request_id":"b","model":"demo-chat"}""");
        (await socket.ReadAsync()).ToString().ShouldNotBeNull().ShouldContain("insufficient_quota");
        foreach (var (path, body, code) in protocols)
        {
            using var answer = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, json: body));
            answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, path);
            (await GatewayUnderTest.TextAsync(answer)).ShouldContain(code, Case.Sensitive, path);
        }

        worker.Seen.Count.ShouldBe(9);
    }

    [Fact]
    public async Task A_limit_that_changes_holds_from_the_next_request_on_with_what_was_used()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker);
        await using var gateway = await GatewayUnderTest.StartAsync(Of(5, 1));
        await CountAsync(3, 3);

        await gateway.PublishAsync(Of(2, 2));
        await CountAsync(3, 0);
        await gateway.PublishAsync(Of(7, 3));
        await CountAsync(10, 4);
        await gateway.PublishAsync(plan with { Version = 4 });
        await CountAsync(3, 3);

        Plan Of(int amount, int version) => plan.Limited(LimitScopes.Factory, LimitMeasures.Requests, LimitPeriods.Total, amount) with { Version = version };

        async Task CountAsync(int asked, int expected)
        {
            var passed = 0;
            for (var i = 0; i < asked; i++)
            {
                passed += await AskAsync(gateway, """{"model":"demo-chat"}""") ? 1 : 0;
            }

            passed.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task A_flow_is_one_request_and_the_tokens_of_its_model_calls_are_counted_once()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var builder = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Total, 100, name: "requests").Limited(LimitScopes.Project, LimitMeasures.Tokens, LimitPeriods.Total, 100_000, name: "tokens"),
            ("services:builder:http:0", builder.Address.ToString()));
        var tokens = gateway.Services.GetRequiredService<ServiceDefaults.Identity.IdentityTokens>();
        var identity = ServiceDefaults.Identity.InternalIdentity.WithRoles("builder:default", "default", factoryWide: false, []) with { Permissions = [ServiceDefaults.Identity.Permissions.InferenceInvoke] };
        var key = tokens.Issue(identity, TimeSpan.FromMinutes(5), ServiceDefaults.Identity.TokenAudiences.Builder);

        (await AskAsync(gateway, """{"model":"flow/support"}""")).ShouldBeTrue();
        using (var inner = await gateway.ChatAsync("""{"model":"demo-chat","max_tokens":5}""", key))
        {
            inner.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await GatewayUnderTest.UntilAsync(() => Used(LimitMeasure.Tokens) == 11 && Used(LimitMeasure.Requests) == 1);

        long Used(LimitMeasure measure) => gateway.Services.GetRequiredService<Tallies>().All.Single(tally => tally.Limit.Measure == measure).Figures().Used;
    }

    [Theory]
    [InlineData(0.42, "420ms")]
    [InlineData(0, "0ms")]
    [InlineData(1, "1s")]
    [InlineData(59.2, "1m0s")]
    [InlineData(3725, "1h2m5s")]
    public void A_duration_is_written_as_openai_writes_it(double seconds, string text) => LimitHeaders.Duration(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    private static (long Used, long Reserved) Figures(GatewayUnderTest gateway)
    {
        var (used, reserved, _) = gateway.Services.GetRequiredService<Tallies>().All.Single().Figures();
        return (used, reserved);
    }

    /// <summary>A request is settled behind its last byte, which its client has before.</summary>
    private static Task SettledAsync(GatewayUnderTest gateway, long used) => GatewayUnderTest.UntilAsync(() => Figures(gateway) == (used, 0), $"{used} are used");

    private static async Task<bool> AskAsync(GatewayUnderTest gateway, string body)
    {
        using var answer = await gateway.ChatAsync(body);
        await GatewayUnderTest.TextAsync(answer);
        return answer.IsSuccessStatusCode;
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private static async Task<JsonElement> ErrorAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await GatewayUnderTest.TextAsync(answer)).RootElement.GetProperty("error");
}
