using System.Net;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class TrafficTests
{
    /// <summary>FEATURES, row 50.</summary>
    [Fact]
    public async Task A_canary_gets_its_share_and_is_told_that_it_is_meant()
    {
        await using var stable = await FakeWorker.StartedAsync();
        await using var canary = await FakeWorker.StartedAsync();
        var plan = With(new TrafficPolicy { Splits = [new TrafficSplit("canary", 10)] }, stable, Plan.Deployment("canary", canary));
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        for (var i = 0; i < 1000; i++)
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        canary.Seen.Count.ShouldBeInRange(55, 145, "100, with a standard deviation of 9.5");
        canary.Seen.ShouldAllBe(seen => seen.Headers["x-aifactory-deployment"] == plan.Deployments[1].Id.ToString());
    }

    [Fact]
    public async Task Requests_of_one_header_value_stay_with_one_variant_and_values_spread()
    {
        await using var a = await FakeWorker.StartedAsync();
        await using var b = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            With(new TrafficPolicy { Splits = [new TrafficSplit("b", 50)], StickyBy = "header:x-tenant" }, a, Plan.Deployment("b", b)));

        var variants = new List<string>();
        for (var tenant = 0; tenant < 40; tenant++)
        {
            var answered = new HashSet<string>();
            for (var i = 0; i < 4; i++)
            {
                using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: """{"model":"demo-chat"}""");
                request.Headers.Add("x-tenant", $"tenant-{tenant}");
                using var response = await gateway.SendAsync(request);
                answered.Add(AnsweredBy(response));
            }

            variants.Add(answered.ShouldHaveSingleItem());
        }

        variants.Count(variant => variant == "b").ShouldBeInRange(8, 32);
    }

    /// <summary>FEATURES, row 51: the new version never gets ready, and after that it does.</summary>
    [Fact]
    public async Task A_switch_to_a_version_that_is_not_ready_keeps_the_old_one_serving()
    {
        await using var blue = await FakeWorker.StartedAsync();
        await using var green = await FakeWorker.StartedAsync();
        var policy = new TrafficPolicy { Splits = [new TrafficSplit("green", 100)] };
        await using var gateway = await GatewayUnderTest.StartAsync(With(policy, blue, Plan.Deployment("green")));

        using var before = await gateway.ChatAsync();
        await gateway.PublishAsync(With(policy, blue, Plan.Deployment("green", green)) with { Version = 2 });
        using var after = await gateway.ChatAsync();

        AnsweredBy(before).ShouldBe("demo-chat");
        AnsweredBy(after).ShouldBe("green");
    }

    /// <summary>FEATURES, row 7.</summary>
    [Fact]
    public async Task The_fallback_answers_when_the_primary_is_killed_and_a_header_names_it()
    {
        await using var primary = await FakeWorker.StartedAsync();
        await using var second = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            With(new TrafficPolicy { Fallbacks = ["not-there", "second"] }, primary, Plan.Deployment("second", second)));

        var answered = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            if (i == 10)
            {
                await primary.KillAsync();
            }

            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            answered.Add(AnsweredBy(response));
        }

        answered[..10].ShouldAllBe(name => name == "demo-chat");
        answered[10..].ShouldAllBe(name => name == "second");
    }

    [Fact]
    public async Task A_canary_that_fails_is_answered_for_by_the_one_that_was_named()
    {
        await using var stable = await FakeWorker.StartedAsync();
        await using var canary = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var gateway = await GatewayUnderTest.StartAsync(
            With(new TrafficPolicy { Splits = [new TrafficSplit("canary", 100)] }, stable, Plan.Deployment("canary", canary)), ("Retries:Delay", "00:00:00.001"));

        using var response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        AnsweredBy(response).ShouldBe("demo-chat");
        canary.Seen.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_shadow_gets_the_same_bodies_and_its_trouble_is_nobodys()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var shadow = await FakeWorker.StartedAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(
            With(new TrafficPolicy { Shadow = new TrafficSplit("shadow", 100) }, worker, Plan.Deployment("shadow", shadow)));
        const string body = """{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}]}""";

        using var response = await gateway.ChatAsync(body);

        (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Completion);
        AnsweredBy(response).ShouldBe("demo-chat");
        await GatewayUnderTest.UntilAsync(() => !shadow.Seen.IsEmpty);
        shadow.Seen.Single().Body.ShouldBe(body.Replace("demo-chat", "shadow", StringComparison.Ordinal), "but for the name");
    }

    /// <summary>The service would bill each copy, past every budget; the library refuses such a policy, and an older one may have it.</summary>
    [Fact]
    public async Task No_copy_goes_to_an_upstream()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var cloud = await FakeWorker.StartedAsync();
        await using var shadow = await FakeWorker.StartedAsync();
        var plan = With(new TrafficPolicy { Shadow = new TrafficSplit("cloud", 100) }, worker, CloudPlan.Cloud("cloud", cloud));
        await using var gateway = await GatewayUnderTest.StartAsync(plan with
        {
            Deployments = [.. plan.Deployments, Plan.Deployment("second", worker) with { Traffic = new TrafficPolicy { Shadow = new TrafficSplit("shadow", 100) } }, Plan.Deployment("shadow", shadow)],
        });

        (await gateway.ChatAsync()).Dispose();
        (await gateway.ChatAsync("""{"model":"second","messages":[]}""")).Dispose();

        // A copy of the second request comes, so one of the first would have come before.
        await GatewayUnderTest.UntilAsync(() => !shadow.Seen.IsEmpty);
        cloud.Seen.ShouldBeEmpty();
    }

    /// <summary>vLLM and others serve the name that they were started with, and no other.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_knows_only_its_own_name_answers_as_variant_and_as_fallback(bool isFallback)
    {
        await using var primary = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var second = new FakeWorker();
        second.Script = context => JsonDocument.Parse(second.Seen.Last().Body).RootElement.GetProperty("model").GetString() == "second"
            ? FakeWorker.WriteJsonAsync(context, FakeWorker.Completion)
            : FakeWorker.WriteJsonAsync(context, FakeWorker.ModelNotFound, 404);
        await second.StartAsync();
        var policy = isFallback ? new TrafficPolicy { Fallbacks = ["second"] } : new TrafficPolicy { Splits = [new TrafficSplit("second", 100)] };
        await using var gateway = await GatewayUnderTest.StartAsync(With(policy, primary, Plan.Deployment("second", second)), ("Retries:Delay", "00:00:00.001"));

        using var response = await gateway.ChatAsync("""{"messages":[], "model" : "demo\u002dchat" ,"x":1.50}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        AnsweredBy(response).ShouldBe("second");
        second.Seen.Single().Body.ShouldBe("""{"messages":[], "model" : "second" ,"x":1.50}""");
        second.Seen.Single().Headers["Content-Length"].ShouldBe("45");
    }

    /// <summary>What is private is not for callers of other projects to name; the project that owns both may put it behind a name that they may use.</summary>
    [Fact]
    public async Task A_caller_of_another_project_gets_a_private_variant_through_the_policy_alone()
    {
        await using var canary = await FakeWorker.StartedAsync();
        await using var stable = await FakeWorker.StartedAsync();
        var shared = Plan.Deployment("shared", "default", "chat", "factory", stable) with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("canary", 100)] } };
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(shared, Plan.Deployment("canary", canary)));

        using var named = await gateway.ChatAsync("""{"model":"canary"}""", Plan.OtherKey);
        using var policy = await gateway.ChatAsync("""{"model":"shared"}""", Plan.OtherKey);

        named.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        AnsweredBy(policy).ShouldBe("canary");
    }

    [Fact]
    public async Task A_policy_reaches_no_deployment_of_another_project_also_where_its_callers_may_name_it()
    {
        await using var own = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var others = await FakeWorker.StartedAsync();
        var policy = new TrafficPolicy { Splits = [new TrafficSplit("others", 50)], Fallbacks = ["others"], Shadow = new TrafficSplit("others", 100) };
        await using var gateway = await GatewayUnderTest.StartAsync(
            With(policy, own, Plan.Deployment("others", "other", "chat", "factory", others)), ("Retries:Delay", "00:00:00.001"));

        for (var i = 0; i < 10; i++)
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        others.Seen.ShouldBeEmpty();
        using var named = await gateway.ChatAsync("""{"model":"others"}""");
        named.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_copy_for_a_service_that_is_not_ours_does_not_say_who_calls()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var shadow = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            With(new TrafficPolicy { Shadow = new TrafficSplit("shadow", 100) }, worker, Plan.Deployment("shadow", shadow) with { External = true }));

        using var response = await gateway.ChatAsync();

        await GatewayUnderTest.UntilAsync(() => !shadow.Seen.IsEmpty);
        worker.Seen.Single().Headers.Keys.ShouldContain("Authorization");
        var copied = shadow.Seen.Single().Headers.Keys;
        copied.ShouldNotContain("Authorization");
        copied.ShouldNotContain("x-aifactory-deployment");
    }

    [Fact]
    public async Task A_path_that_names_the_model_names_the_one_that_is_asked()
    {
        const string tensors = """{"inputs":[]}""";
        await using var stable = await FakeWorker.StartedAsync();
        await using var canary = await FakeWorker.StartedAsync();
        await using var shadow = await FakeWorker.StartedAsync();
        var policy = new TrafficPolicy { Splits = [new TrafficSplit("canary", 100)], Shadow = new TrafficSplit("shadow", 100) };
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(
            Plan.Deployment("demo-chat", stable) with { Traffic = policy }, Plan.Deployment("canary", canary), Plan.Deployment("shadow", shadow)));

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v2/models/demo-chat/infer", json: tensors));

        await GatewayUnderTest.UntilAsync(() => !shadow.Seen.IsEmpty);
        (canary.Seen.Single().Target, canary.Seen.Single().Body).ShouldBe(("/v2/models/canary/infer", tensors));
        (shadow.Seen.Single().Target, shadow.Seen.Single().Body).ShouldBe(("/v2/models/shadow/infer", tensors));
    }

    [Fact]
    public async Task Without_a_policy_no_header_names_who_answered()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await gateway.ChatAsync();

        response.Headers.Contains(ChoiceNote.AnsweredByHeader).ShouldBeFalse();
    }

    private static string AnsweredBy(HttpResponseMessage response) => response.Headers.GetValues(ChoiceNote.AnsweredByHeader).Single();

    private static Plan With(TrafficPolicy policy, FakeWorker worker, DeploymentRoute other) =>
        Plan.Of(Plan.Deployment("demo-chat", worker) with { Traffic = policy }, other);
}
