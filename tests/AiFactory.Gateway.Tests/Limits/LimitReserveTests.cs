using System.ComponentModel.DataAnnotations;
using System.Net;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Limits;

/// <summary>Ways that once led around a limit: what is reserved is what a request may take, whoever asks for it in whatever way.</summary>
public sealed class LimitReserveTests
{
    /// <summary>Neither a reservation nor a charge was made of it.</summary>
    [Fact]
    public async Task Inference_by_kserve_takes_the_tokens_that_its_answer_tells()
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"model_name":"demo-chat","parameters":{"prompt_tokens":9,"completion_tokens":2000},"outputs":[]}"""));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Tokens, LimitPeriods.Total, 100));

        (await AskAsync()).ShouldBe(HttpStatusCode.OK);
        await GatewayUnderTest.UntilAsync(() => Figures(gateway) == (2009, 0));
        (await AskAsync()).ShouldBe(HttpStatusCode.TooManyRequests);

        async Task<HttpStatusCode> AskAsync()
        {
            using var answer = await gateway.SendAsync(GatewayUnderTest.Request(
                HttpMethod.Post, "/v2/models/demo-chat/infer", json: """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["Hi"]}],"parameters":{"max_tokens":2000}}"""));
            return answer.StatusCode;
        }
    }

    /// <summary>One answer's word used up a project's month.</summary>
    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","n":3,"messages":[]}""", 4096 + (3 * 4096))]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","messages":[]}""", 4096 + 4096)]
    [InlineData("/v1/completions", """{"model":"demo-chat","prompt":"x"}""", 2 * 4096 * (1 + (34 / 2)))]
    public async Task A_usage_that_no_context_has_room_for_is_counted_as_far_as_it_has(string path, string body, long counted)
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context, """{"id":"x","object":"chat.completion","choices":[],"usage":{"prompt_tokens":999999999999,"completion_tokens":999999999999}}"""));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Tokens, LimitPeriods.Total, 100_000_000));

        for (var i = 1; i <= 2; i++)
        {
            using var answer = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, json: body));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            await GatewayUnderTest.UntilAsync(() => Figures(gateway) == (i * counted, 0));
        }

        gateway.Log.Lines.Count(line => line.Contains("more than fits its context of 4096")).ShouldBe(1, "it is told once a minute");
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Who_leaves_before_the_first_token_pays_for_the_prompt(string stream)
    {
        await using var worker = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Tokens, LimitPeriods.Total, 100_000));
        var body = $$"""{"model":"demo-chat","max_tokens":50,"stream":{{stream}},"messages":[{"role":"user","content":"{{new string('x', 8000)}}"}]}""";
        using (var left = new CancellationTokenSource())
        {
            var sending = gateway.Client.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: body), left.Token);
            await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
            await left.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => sending);
        }

        await GatewayUnderTest.UntilAsync(() => Figures(gateway).Reserved == 0);
        Figures(gateway).Used.ShouldBeInRange(2000, 2100);
    }

    [Fact]
    public async Task A_keys_own_limit_holds_whatever_project_it_names_and_however_its_id_is_written()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Of(Plan.Deployment("demo-chat", "default", "chat", "factory", worker));
        plan = plan.Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Total, 1, owner: plan.Keys[0].Id.ToString().ToUpperInvariant());
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        var passed = 0;
        foreach (var project in new[] { null, "other", null, "other", "default" })
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", Plan.AdminKey, """{"model":"demo-chat"}""");
            if (project is not null)
            {
                request.Headers.Add("OpenAI-Project", project);
            }

            using var answer = await gateway.SendAsync(request);
            passed += answer.IsSuccessStatusCode ? 1 : 0;
        }

        passed.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_reserved_is_the_price_of_what_answers_and_its_own_limit_holds()
    {
        var go = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        var plan = Plan.Of(Plan.Deployment("cheap", worker) with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("dear", 100)] } }, Plan.Deployment("dear", worker));
        (string, string)[] prices = [("Pricing:Models:0:Deployment", "dear"), ("Pricing:Models:0:Output", "10")];

        // 0.0001 is enough for five of 0.00002.
        await using (var gateway = await GatewayUnderTest.StartAsync(plan.Limited(LimitScopes.Project, LimitMeasures.Cost, LimitPeriods.Total, 0.0001m), prices))
        {
            var running = Enumerable.Range(0, 20).Select(_ => gateway.ChatAsync("""{"model":"cheap","max_tokens":2}""")).ToArray();
            await GatewayUnderTest.UntilAsync(() => running.Count(one => one.IsCompleted) == 15);
            go.SetResult();
            (await Task.WhenAll(running)).Count(answer => answer.IsSuccessStatusCode).ShouldBe(5);
        }

        await using var limited = await GatewayUnderTest.StartAsync(plan.Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Total, 1, model: "dear"), prices);
        (await limited.ChatAsync("""{"model":"cheap"}""")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await limited.ChatAsync("""{"model":"cheap"}""")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task White_space_makes_no_room_in_what_is_reserved()
    {
        var go = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Tokens, LimitPeriods.Total, 100_000_000));
        var plain = gateway.ChatAsync("""{"model":"demo-chat","n":100,"messages":[]}""");
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
        var first = Figures(gateway).Reserved;
        first.ShouldBe(409_600, "a hundred answers of the whole context");

        var padded = gateway.ChatAsync($$"""{"model":"demo-chat","n":100,"messages":[]{{new string(' ', 17000)}}}""");
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 2);

        (Figures(gateway).Reserved - first).ShouldBe(first);
        go.SetResult();
        (await plain).Dispose();
        (await padded).Dispose();
    }

    [Fact]
    public void Who_comes_to_a_window_that_has_just_ended_is_sent_on_at_once()
    {
        var limit = new Limit(Guid.CreateVersion7(), "x", "default", LimitScope.Project, null, null, LimitMeasure.Requests, LimitPeriod.Minute, 10);
        var (starts, ends) = limit.WindowAt(DateTimeOffset.UnixEpoch);
        var tally = new Tally(limit, "", starts, ends, alone: false);
        tally.TryClose(force: true).ShouldBeTrue();

        tally.TryReserve(1, out _).ShouldBeFalse();
        var waiter = tally.Wait(1, 1).ShouldNotBeNull();

        waiter.Verdict.IsCompletedSuccessfully.ShouldBeTrue("nobody looks at it any more");
    }

    /// <summary>The answer to a question that was under way while the limit was lowered was counted as of the new one: 58 passed where 40 were left.</summary>
    [Fact]
    public void What_was_asked_for_before_a_limit_was_lowered_is_granted_no_more()
    {
        var limit = new Limit(Guid.CreateVersion7(), "x", "default", LimitScope.Project, null, null, LimitMeasure.Requests, LimitPeriod.Total, 1000);
        var lowered = limit with { Amount = 60, CompiledAt = 1 };
        var (starts, ends) = limit.WindowAt(DateTimeOffset.UnixEpoch);
        var tally = new Tally(limit, "", starts, ends, alone: false);
        tally.TryGrant(limit, 500, 500).ShouldBeTrue();
        tally.Follow(lowered).ShouldBeTrue();

        tally.TryGrant(limit, 500, 500).ShouldBeFalse();
        tally.TryReserve(1, out _).ShouldBeFalse();

        // Nor does a request that began with the former snapshot bring its amount back.
        tally.Follow(limit).ShouldBeFalse();
        tally.TryGrant(limit, 500, 500).ShouldBeFalse();

        tally.TryGrant(lowered, 1, 59).ShouldBeTrue();
        tally.TryReserve(1, out _).ShouldBeTrue();
        tally.TryReserve(1, out _).ShouldBeFalse();
    }

    [Fact]
    public void Settings_by_which_living_gateways_are_forgotten_are_refused()
    {
        var options = new LimitsOptions { Heartbeat = TimeSpan.FromSeconds(20), AbandonAfter = TimeSpan.FromSeconds(10) };

        options.Validate(new ValidationContext(options)).ShouldHaveSingleItem().ErrorMessage.ShouldBe("Limits:AbandonAfter must be at least 20 times Limits:Heartbeat.");
        new LimitsOptions().Validate(new ValidationContext(options)).ShouldBeEmpty();
    }

    private static (long Used, long Reserved) Figures(GatewayUnderTest gateway)
    {
        var (used, reserved, _) = gateway.Services.GetRequiredService<Tallies>().All.Single().Figures();
        return (used, reserved);
    }
}
