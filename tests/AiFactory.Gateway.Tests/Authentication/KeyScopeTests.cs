using System.Net;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.OpenAI;
using AiFactory.Gateway.Tests.Sockets;
using AiFactory.Testing;

namespace AiFactory.Gateway.Tests.Authentication;

/// <summary>FEATURES rows 8 and 10: what a key is limited to holds on every route, and a key that was replaced or revoked ends at every gateway.</summary>
public sealed class KeyScopeTests
{
    private const string Flows = """{"object":"list","data":[{"id":"flow/help","object":"model","created":7,"owned_by":"default"},{"id":"flow/pay","object":"model","created":7,"owned_by":"default"}]}""";

    private static readonly KeyScope ChatsWithDemos = new(["demo-*", "flow/help"], [ModelOperations.Chat]);

    [Fact]
    public async Task A_key_calls_the_models_and_operations_of_its_scope_and_no_other()
    {
        (string Path, string Body, int Status)[] calls =
        [
            ("/v1/chat/completions", """{"model":"demo-chat","messages":[]}""", 200),
            ("/v1/responses", """{"model":"demo-chat","input":"Hi"}""", 200),
            ("/v1/messages", """{"model":"demo-chat","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}""", 200),
            ("/api/infer", """{"model":"demo-chat","payload":{"messages":[]}}""", 200),
            ("/v1/chat/completions", """{"model":"flow/help","messages":[]}""", 200),
            ("/v1/chat/completions", """{"model":"flow/pay","messages":[]}""", 403),
            ("/v1/chat/completions", """{"model":"large","messages":[]}""", 403),
            ("/v1/chat/completions", """{"model":"Demo-chat","messages":[]}""", 403),
            ("/v1/chat/completions", """{"model":"is-not-there","messages":[]}""", 403),
            ("/v1/completions", """{"model":"demo-chat","prompt":"Hi"}""", 403),
            ("/v1/embeddings", """{"model":"demo-embed","input":"Hi"}""", 403),
            ("/v1/rerank", """{"model":"demo-embed","query":"Hi","documents":["a"]}""", 403),
            ("/tokenize", """{"model":"demo-chat","prompt":"Hi"}""", 403),
            ("/v1/messages", """{"model":"large","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}""", 403),
            ("/v1/messages/count_tokens", """{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}]}""", 403),
            ("/api/infer", """{"model":"large","payload":{"messages":[]}}""", 403),
            ("/api/infer", """{"model":"is-not-there","payload":{"messages":[]}}""", 403),
            ("/api/infer", """{"model":"demo-embed","payload":{"input":"Hi"}}""", 403),
            ("/v2/models/demo-chat/infer", "{}", 403),
            ("/v2/models/is-not-there/infer", "{}", 403),
        ];
        await using var factory = await FactoryAsync(ChatsWithDemos);

        foreach (var (path, body, status) in calls)
        {
            factory.Own.Seen.Clear();
            factory.Builder.Seen.Clear();
            using var response = await factory.Gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, json: body));

            var text = await GatewayUnderTest.TextAsync(response);
            ((int)response.StatusCode).ShouldBe(status, $"{path} {body}: {text}");
            (factory.Own.Seen.Count + factory.Builder.Seen.Count).ShouldBe(status == 200 ? 1 : 0, $"{path} {body}");
            if (status == 403)
            {
                text.ShouldContain("The API key 'developer' may not be used for this");
                text.ShouldContain("Its scope is the models demo-*, flow/help and the operations chat.");
            }
        }
    }

    [Fact]
    public async Task It_lists_and_describes_what_it_may_call_and_opens_nothing_else()
    {
        await using var factory = await FactoryAsync(ChatsWithDemos);
        var gateway = factory.Gateway;

        using var list = await gateway.GetAsync("/v1/models");
        using var described = await gateway.GetAsync("/v1/models/demo-chat");
        using var refused = await gateway.GetAsync("/v1/models/large");
        using var ready = await gateway.GetAsync("/v2/models/demo-chat/ready");
        using var projects = await gateway.GetAsync("/api/library/projects");
        using var keys = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/library/projects/default/keys", json: "{}"));
        using var runs = await gateway.GetAsync("/api/builder/projects/default/runs");
        using var session = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/session", key: null, $$"""{"key":"{{Plan.DeveloperKey}}"}"""));

        JsonDocument.Parse(await GatewayUnderTest.TextAsync(list)).RootElement.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString())
            .ShouldBe(["demo-chat", "flow/help"]);
        described.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await EnvelopeOf(refused)).ShouldBe((403, "key_not_allowed"));
        ready.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        foreach (var management in (HttpResponseMessage[])[projects, keys, runs])
        {
            management.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await GatewayUnderTest.TextAsync(management)).ShouldContain("This API key has a scope");
        }

        session.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        session.Headers.Contains("Set-Cookie").ShouldBeFalse();
        gateway.Library.Seen.ShouldAllBe(seen => seen.Target.StartsWith("/internal/"));
    }

    [Fact]
    public async Task It_holds_for_each_message_of_a_WebSocket()
    {
        await using var factory = await FactoryAsync(ChatsWithDemos);
        using var client = await SocketClient.OpenAsync(factory.Gateway);

        await client.SendAsync("""{"request_id":"a","model":"large","messages":[]}""");
        var refused = (await client.ReadAsync()).ShouldNotBeNull();
        await client.SendAsync("""{"request_id":"b","model":"demo-chat","messages":[]}""");
        var answer = (await client.ReadAsync()).ShouldNotBeNull();

        refused.GetProperty("error").GetProperty("code").GetString().ShouldBe("key_not_allowed");
        answer.GetProperty("choices").GetArrayLength().ShouldBe(1);
        factory.Own.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public void Every_operation_that_a_route_has_can_be_named_in_a_scope() =>
        Operation.All.Append(Operation.Infer).Select(operation => operation.Scope).Except(ModelOperations.All).ShouldBeEmpty();

    [Theory]
    [InlineData("*", "anything/at-all", true)]
    [InlineData("demo-*", "demo-", true)]
    [InlineData("*-chat", "demo-chat", true)]
    [InlineData("a*b*c", "a/x/b.y-c", true)]
    [InlineData("demo", "demo-chat", false)]
    [InlineData("demo.chat", "demo-chat", false)]
    [InlineData("a*b", "ab0", false)]
    public void A_star_stands_for_any_run_of_characters_and_nothing_else_stands_for_another(string pattern, string model, bool allowed) =>
        new CallerScope("k", new KeyScope([pattern], [])).Allows(model).ShouldBe(allowed);

    [Fact]
    public async Task A_former_key_is_valid_beside_its_successor_until_its_end_at_every_gateway_and_a_revoked_one_nowhere()
    {
        var clock = new ManualTimeProvider();
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker);
        await using var library = await FakeLibrary.StartedAsync(plan.Snapshot());
        await using var one = await GatewayUnderTest.StartAsync(library, folder: null, clock);
        await using var two = await GatewayUnderTest.StartAsync(library, folder: null, clock);

        // The library has put OtherKey's holder in DeveloperKey's place, which ends in a day.
        var end = clock.GetUtcNow().AddHours(24);
        await PublishAsync(plan with { Version = 2, Keys = [plan.Keys[1] with { ExpiresAt = end }, plan.Keys[3] with { Project = "default" }] });
        await ShouldBeAsync(Plan.DeveloperKey, HttpStatusCode.OK);
        await ShouldBeAsync(Plan.OtherKey, HttpStatusCode.OK);

        clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromTicks(1));
        await ShouldBeAsync(Plan.DeveloperKey, HttpStatusCode.OK);
        clock.Advance(TimeSpan.FromTicks(1));
        await ShouldBeAsync(Plan.DeveloperKey, HttpStatusCode.Unauthorized);
        await ShouldBeAsync(Plan.OtherKey, HttpStatusCode.OK);

        await PublishAsync(plan with { Version = 3, Keys = [] });
        await ShouldBeAsync(Plan.OtherKey, HttpStatusCode.Unauthorized);

        async Task PublishAsync(Plan next)
        {
            library.Publish(next.Snapshot());
            await GatewayUnderTest.UntilAsync(() => one.Version == next.Version && two.Version == next.Version);
        }

        async Task ShouldBeAsync(string key, HttpStatusCode status)
        {
            foreach (var gateway in (GatewayUnderTest[])[one, two])
            {
                using var response = await gateway.ChatAsync(key: key);
                response.StatusCode.ShouldBe(status);
            }
        }
    }

    [Fact]
    public async Task A_key_and_its_successor_share_what_a_key_may_use()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker).Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Total, 2);
        await using var gateway = await GatewayUnderTest.StartAsync(plan with { Keys = [plan.Keys[1], plan.Keys[3] with { Project = "default", Family = plan.Keys[1].Id }, plan.Keys[0]] });

        foreach (var (key, status) in new[] { (Plan.DeveloperKey, 200), (Plan.OtherKey, 200), (Plan.OtherKey, 429), (Plan.DeveloperKey, 429), (Plan.AdminKey, 200) })
        {
            using var response = await gateway.ChatAsync(key: key);
            ((int)response.StatusCode).ShouldBe(status);
        }
    }

    private static async Task<Scoped> FactoryAsync(KeyScope scope)
    {
        var worker = await FakeWorker.StartedAsync();
        var builder = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, context.Request.Path == "/v1/models" ? Flows : FakeWorker.Completion));
        var plan = Plan.Of(
            Plan.Deployment("demo-chat", worker), Plan.Deployment("large", worker), Plan.Deployment("demo-embed", "default", "embedding", "project", worker));
        var gateway = await GatewayUnderTest.StartAsync(
            plan with { Keys = [plan.Keys[1] with { Scope = scope }] }, ("services:builder:http:0", builder.Address.ToString()));
        return new Scoped(gateway, worker, builder);
    }

    private static async Task<(int Status, string? Code)> EnvelopeOf(HttpResponseMessage response) =>
        ((int)response.StatusCode, (await EnvelopeTests.ErrorAsync(response)).GetProperty("code").GetString());

    private sealed record Scoped(GatewayUnderTest Gateway, FakeWorker Own, FakeWorker Builder) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Own.DisposeAsync();
            await Builder.DisposeAsync();
        }
    }
}
