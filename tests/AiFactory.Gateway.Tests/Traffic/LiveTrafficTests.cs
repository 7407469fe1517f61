using System.Net;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;

namespace AiFactory.Gateway.Tests.Traffic;

/// <summary>What <c>GET /api/traffic</c> says of the gateway that answers it.</summary>
public sealed class LiveTrafficTests
{
    private const string Usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}\n\ndata: [DONE]\n\n";

    [Fact]
    public async Task A_request_is_counted_once_with_its_tokens_and_times_and_a_new_snapshot_forgets_nothing()
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one") + Usage));
        var plan = Plan.Chat(worker);
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        using var response = await gateway.ChatAsync("""{"model":"demo-chat","stream":true,"messages":[]}""");
        await GatewayUnderTest.TextAsync(response);
        var seen = await UntilAsync(gateway, one => Answered(one) == 1);

        Number(seen, "promptTokens").ShouldBe(9);
        Number(seen, "completionTokens").ShouldBe(2);
        Sum(seen, "firstToken").ShouldBe(1);
        Sum(seen, "whole").ShouldBe(1);
        seen.GetProperty("cache").GetRawText().ShouldBe("""{"asked":0,"hits":0}""");
        var replica = seen.GetProperty("replicas")[0];
        (replica.GetProperty("id").GetString(), State(replica), Number(replica, "underWay")).ShouldBe(($"127.0.0.1:{worker.Address.Port}", "healthy", 0));

        await gateway.PublishAsync(plan with { Version = 2 });
        Answered(await OneAsync(gateway)).ShouldBe(1);
    }

    [Fact]
    public async Task What_is_under_way_what_waits_for_its_turn_and_what_waits_for_a_replica_are_told_apart()
    {
        await using var worker = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("demo-chat", worker), Plan.Deployment("nobody")), ("Queue:RequestsPerReplica", "1"));
        using var leave = new CancellationTokenSource();
        List<Task> calls = [];
        foreach (var model in (string[])["demo-chat", "demo-chat", "demo-chat", "nobody"])
        {
            var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: $$"""{"model":"{{model}}","messages":[]}""");
            calls.Add(gateway.Client.SendAsync(request, leave.Token));
        }

        await UntilAsync(gateway, one => Number(one.GetProperty("replicas")[0], "underWay") == 1 && Number(one, "queued") == 2 && Number(one, "waiting") == 0);
        await UntilAsync(gateway, one => Number(one, "waiting") == 1 && one.GetProperty("replicas").GetArrayLength() == 0, "nobody");

        await leave.CancelAsync();
        foreach (var call in calls)
        {
            await Should.ThrowAsync<OperationCanceledException>(call);
        }

        var left = await UntilAsync(gateway, one => Number(one.GetProperty("requests"), "clientLeft") == 3);
        (Number(left.GetProperty("replicas")[0], "underWay"), Number(left, "queued"), Sum(left, "whole")).ShouldBe((0, 0, 0));
        await UntilAsync(gateway, one => Number(one, "waiting") == 0 && Number(one.GetProperty("requests"), "clientLeft") == 1, "nobody");
    }

    [Fact]
    public async Task A_replica_that_is_set_aside_says_why_and_until_when_and_then_that_it_is_tried()
    {
        var clock = new ManualTimeProvider();
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        var plan = Plan.Chat(worker);
        var started = clock.GetUtcNow();
        await using var gateway = await GatewayUnderTest.StartAsync(plan, clock, ("Retries:Delay", "00:00:00"));
        clock.Advance(TimeSpan.FromSeconds(90));
        using (var refused = await gateway.ChatAsync())
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        var view = await ViewAsync(gateway);
        var (from, uptime) = (view.GetProperty("gateway").GetProperty("startedAt").GetDateTimeOffset(), view.GetProperty("gateway").GetProperty("uptimeSeconds").GetDouble());
        (from, uptime).ShouldBe((started, 90));
        var aside = view.GetProperty("items")[0].GetProperty("replicas")[0];
        (State(aside), aside.GetProperty("cause").GetString(), aside.GetProperty("until").GetDateTimeOffset()).ShouldBe(("set-aside", "failing", clock.GetUtcNow() + TimeSpan.FromSeconds(1)));
        Number(aside, "failures").ShouldBe(3);
        (aside.GetProperty("lastFailure").GetProperty("reason").GetString(), aside.GetProperty("lastFailure").GetProperty("at").GetDateTimeOffset()).ShouldBe(("status 503", clock.GetUtcNow()));

        clock.Advance(TimeSpan.FromSeconds(1));
        var trial = (await OneAsync(gateway)).GetProperty("replicas")[0];
        (State(trial), trial.GetProperty("until").ValueKind).ShouldBe(("half-open", JsonValueKind.Null));

        worker.Script = context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        using (var answer = await gateway.ChatAsync())
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var healthy = (await UntilAsync(gateway, one => Answered(one) == 1)).GetProperty("replicas")[0];
        (State(healthy), healthy.GetProperty("cause").ValueKind, Number(healthy, "failures")).ShouldBe(("healthy", JsonValueKind.Null, 3));
        healthy.GetProperty("lastFailure").GetProperty("reason").GetString().ShouldBe("status 503");
    }

    [Fact]
    public async Task A_project_sees_its_own_deployments_and_only_a_caller_of_the_factory_all()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(
            Plan.Deployment("demo-chat", worker), Plan.Deployment("shared", "other", "chat", "factory", worker)));

        (await NamesAsync(gateway, Plan.ViewerKey)).ShouldBe(["demo-chat"]);
        (await NamesAsync(gateway, Plan.ViewerKey, "?project=other")).ShouldBeEmpty();
        (await NamesAsync(gateway, Plan.OtherKey)).ShouldBe(["shared"]);
        (await NamesAsync(gateway, Plan.AdminKey)).ShouldBe(["demo-chat", "shared"]);
        (await NamesAsync(gateway, Plan.AdminKey, "?project=other")).ShouldBe(["shared"]);
        using var nobody = await gateway.GetAsync("/api/traffic", key: null);
        nobody.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task What_a_limit_or_a_rule_stopped_and_what_the_cache_answered_are_counted()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Of(Plan.Deployment("demo-chat", worker) with { Cache = new CachePolicy { Responses = true } }).Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Total, 2) with
        {
            Guardrails = [new GuardrailRoute("default", null, 1, [new() { Name = "names", Kind = GuardrailKinds.Words, Action = GuardrailActions.Block, AppliesTo = GuardrailDirections.Input, Words = ["Bluebird"] }])],
        };
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        foreach (var (text, status) in ((string, int)[])[("Hi", 200), ("Bluebird", 400), ("Hi", 200), ("Hi", 429)])
        {
            using var answer = await gateway.ChatAsync($$"""{"model":"demo-chat","messages":[{"role":"user","content":"{{text}}"}]}""");
            ((int)answer.StatusCode).ShouldBe(status);
            await GatewayUnderTest.TextAsync(answer);
        }

        var seen = await UntilAsync(gateway, one => Answered(one) == 2);
        seen.GetProperty("cache").GetRawText().ShouldBe("""{"asked":2,"hits":1}""");
        Number(seen, "turnedAway").ShouldBe(2);
        (Number(seen, "promptTokens"), Number(seen, "completionTokens")).ShouldBe((9, 2), "what the cache gave, nobody computed");
    }

    /// <summary>A request is counted a moment after its client has the last byte.</summary>
    private static async Task<JsonElement> UntilAsync(GatewayUnderTest gateway, Func<JsonElement, bool> condition, string name = "demo-chat")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var one = await OneAsync(gateway, name);
            if (condition(one))
            {
                return one;
            }

            limit.IsCancellationRequested.ShouldBeFalse(one.GetRawText());
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<JsonElement> OneAsync(GatewayUnderTest gateway, string name = "demo-chat") =>
        (await ViewAsync(gateway)).GetProperty("items").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);

    private static async Task<string?[]> NamesAsync(GatewayUnderTest gateway, string key, string query = "") =>
        [.. (await ViewAsync(gateway, key, query)).GetProperty("items").EnumerateArray().Select(one => one.GetProperty("name").GetString())];

    private static async Task<JsonElement> ViewAsync(GatewayUnderTest gateway, string key = Plan.ViewerKey, string query = "")
    {
        using var response = await gateway.GetAsync($"/api/traffic{query}", key);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var document = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response));
        return document.RootElement.Clone();
    }

    private static long Answered(JsonElement one) => Number(one.GetProperty("requests"), "answered");

    private static long Number(JsonElement one, string name) => one.GetProperty(name).GetInt64();

    private static long Sum(JsonElement one, string name) => one.GetProperty(name).EnumerateArray().Sum(each => each.GetInt64());

    private static string? State(JsonElement replica) => replica.GetProperty("state").GetString();
}
