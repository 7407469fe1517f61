using System.Net;
using System.Text.Json.Nodes;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Upstreams;

/// <summary>Services that are none of the factory's, with a credential of their own.</summary>
public sealed class UpstreamTests
{
    private const string Body = """{"model":"cloud","messages":[{"role":"user","content":"Hi"}],"temperature":0.5}""";
    private const string TheirAnswer = """{"id":"chatcmpl-9","object":"chat.completion","created":1,"model":"their-chat-2026-11","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}""";

    [Fact]
    public async Task A_service_gets_its_own_model_and_credential_and_nothing_of_who_asks()
    {
        await using var service = await FakeWorker.StartedAsync(context =>
        {
            context.Response.Headers["openai-organization"] = "our-account";
            context.Response.Headers["x-ratelimit-remaining-tokens"] = "5";
            context.Response.Headers.SetCookie = "a=b";
            return FakeWorker.WriteJsonAsync(context, TheirAnswer);
        });
        var route = CloudPlan.Cloud("cloud", service);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(route with { Upstream = route.Upstream! with { Headers = new Dictionary<string, string> { ["OpenAI-Project"] = "theirs" } } })); // Cloud sets it
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body);
        foreach (var (name, value) in new[]
        {
            ("x-request-id", "my-id"), ("api-key", "a-key"), ("x-api-key", "aif_another"), ("Cookie", "c=d"), ("OpenAI-Organization", "mine"), ("x-forwarded-for", "10.1.1.1"), ("User-Agent", "me/1"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("x-aifactory-session", "s"), ("x-gateway-inference-objective", "interactive"),
        })
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await gateway.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await GatewayUnderTest.TextAsync(response)).ShouldBe(TheirAnswer, "the answer is the service's, and names the model that gave it");
        response.Headers.Select(header => header.Key).ShouldNotContain(name => name.StartsWith("openai", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-ratelimit", StringComparison.OrdinalIgnoreCase) || name == "Set-Cookie");
        var seen = service.Seen.ShouldHaveSingleItem();
        seen.Target.ShouldBe("/v1/chat/completions");
        JsonNode.DeepEquals(JsonNode.Parse(seen.Body), JsonNode.Parse(Body.Replace("cloud", CloudPlan.Model))).ShouldBeTrue(seen.Body);
        seen.Headers.OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase).Select(header => $"{header.Key.ToLowerInvariant()}: {header.Value}").ShouldBe(
        [
            "accept: application/json", $"authorization: Bearer {CloudPlan.Secret}", $"content-length: {seen.Body.Length}", "content-type: application/json",
            $"host: 127.0.0.1:{service.Address.Port}", "openai-project: theirs", "x-request-id: my-id",
        ]);
    }

    /// <summary>Servers in Go read <c>Model</c> as <c>model</c>, and the last one counts: another model than the one that was allowed, priced and limited.</summary>
    [Theory]
    [InlineData("""{"model":"cloud","Model":"dear","messages":[]}""", "model")]
    [InlineData("""{"model":"cloud","mod\u0045l":"dear","messages":[]}""", "model")]
    [InlineData("""{"model":"dear","model":"cloud","messages":[]}""", "model")]
    [InlineData("""{"model":"cloud","max_tokens":5,"MAX_TOKENS":5000,"messages":[]}""", "max_tokens")]
    [InlineData("""{"model":"cloud","max_to\u212aens":5000,"messages":[]}""", "max_tokens")]
    [InlineData("""{"model":"cloud","n":1,"messages":[],"n":100}""", "n")]
    [InlineData("""{"model":"cloud","Stream":true,"messages":[]}""", "stream")]
    public async Task What_a_request_costs_is_said_once_and_in_one_way(string body, string param)
    {
        await using var service = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(CloudPlan.Cloud("cloud", service)));

        using var response = await gateway.ChatAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = JsonNode.Parse(await GatewayUnderTest.TextAsync(response))!["error"]!; // OpenAI's
        (error["code"]!.GetValue<string>(), error["param"]!.GetValue<string>()).ShouldBe(("ambiguous_parameter", param));
        service.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("openai", null, "v1", "/v1/embeddings", "Authorization", "Bearer ")]
    [InlineData("azure-openai", "2024-10-21", "", "/openai/deployments/their-chat/embeddings?api-version=2024-10-21", "api-key", "")]
    [InlineData("azure-openai", null, "", "/openai/v1/embeddings", "api-key", "")]
    public async Task Each_kind_has_its_path_and_its_header(string kind, string? version, string place, string target, string header, string before)
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"object":"list","data":[],"model":"x","usage":{"prompt_tokens":1,"total_tokens":1}}"""));
        var route = CloudPlan.Cloud("cloud", service, kind, place, task: "embedding");
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(route with { Upstream = route.Upstream! with { ApiVersion = version } })); // Cloud sets it

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/embeddings", json: """{"input":"a","model":"cloud"}"""));
        using var other = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/tokenize", json: """{"prompt":"a","model":"cloud"}"""));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var seen = service.Seen.ShouldHaveSingleItem();
        (seen.Target, seen.Headers[header]).ShouldBe((target, before + CloudPlan.Secret));
        seen.Body.ShouldBe("""{"input":"a","model":"their-chat"}""");
        (other.StatusCode, (await GatewayUnderTest.TextAsync(other)).Contains("operation_not_supported")).ShouldBe((HttpStatusCode.BadRequest, true));
    }

    [Theory]
    [InlineData(401, "upstream_credential_refused", "does not accept the credential that is kept for it (status 401)")]
    [InlineData(403, "upstream_credential_refused", "(status 403)")]
    [InlineData(404, "upstream_model_not_found", "'their-chat'")]
    public async Task A_refusal_that_is_the_set_up_s_fault_names_the_upstream_and_never_the_credential_and_another_model_stands_in(int status, string code, string words)
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, $$$"""{"error":{"message":"Incorrect API key provided: {{{CloudPlan.Secret}}}","code":"invalid_api_key"}}""", status));
        await using var local = await FakeWorker.StartedAsync();
        var route = CloudPlan.Cloud("cloud", service);
        var plan = Plan.Of(route, Plan.Deployment("demo-chat", local));
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        for (var i = 0; i < 3; i++)
        {
            using var response = await gateway.ChatAsync(Body);
            var text = await GatewayUnderTest.TextAsync(response);
            response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
            text.ShouldContain($"\"code\":\"{code}\"");
            text.ShouldContain("The upstream 'cloud-cloud'");
            text.ShouldContain(words);
            text.ShouldNotContain("0123456789");
        }

        gateway.Log.Lines.Count(line => line.Contains(" 1801 ")).ShouldBe(status == 404 ? 0 : 1, "it is told once a minute");
        gateway.Log.Lines.ShouldAllBe(line => !line.Contains("0123456789"));

        await gateway.PublishAsync(plan with { Version = 2, Deployments = [route with { Traffic = new TrafficPolicy { Fallbacks = ["demo-chat"] } }, plan.Deployments[1]] });
        using var answered = await gateway.ChatAsync(Body);
        (answered.StatusCode, answered.Headers.GetValues("x-aifactory-answered-by").Single()).ShouldBe((HttpStatusCode.OK, "demo-chat"));
        local.Seen.ShouldHaveSingleItem().Body.ShouldContain("\"model\":\"demo-chat\"");
    }

    /// <summary>A refusal that is the client's to see is the service's own words, unless these hold what nobody may see, or cannot be looked through.</summary>
    [Theory]
    [InlineData(400, "application/json", """{"error":{"message":"too long","code":null}}""", true)]
    [InlineData(500, "application/json", """{"error":{"message":"oops","code":null}}""", true)]
    [InlineData(400, "application/json", """{"error":{"message":"I got authorization: Bearer sk-tests-0123456789-abcdefghij-ab12","code":null}}""", false)]
    [InlineData(500, "text/html", "<html>", false)]
    public async Task No_refusal_shows_the_credential(int status, string type, string refusal, bool passes)
    {
        await using var service = await FakeWorker.StartedAsync(async context =>
        {
            (context.Response.StatusCode, context.Response.ContentType) = (status, type);
            await context.Response.WriteAsync(refusal);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(CloudPlan.Cloud("cloud", service)));

        using var response = await gateway.ChatAsync(Body);

        var text = await GatewayUnderTest.TextAsync(response);
        ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType).ShouldBe((status, "application/json"));
        text.ShouldNotContain("0123456789");
        (text == refusal).ShouldBe(passes, text);
    }

    /// <summary>It was told as a refused credential, and the prompt went on to the next service.</summary>
    [Theory]
    [InlineData("""{"error":{"code":403,"message":"Your input was flagged","metadata":{"provider_name":"x","reasons":["violence"],"flagged_input":"Hi"}}}""")]
    [InlineData("""{"error":{"type":"content_policy_violation","message":"Your input was flagged","code":null}}""")]
    public async Task A_prompt_that_a_service_does_not_let_pass_is_told_in_its_words_and_asked_of_no_other(string refusal)
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, refusal, 403));
        await using var local = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(CloudPlan.Cloud("cloud", service, credential: null) with { Traffic = new TrafficPolicy { Fallbacks = ["demo-chat"] } }, Plan.Deployment("demo-chat", local)));

        using var response = await gateway.ChatAsync(Body);

        (response.StatusCode, await GatewayUnderTest.TextAsync(response)).ShouldBe((HttpStatusCode.Forbidden, refusal));
        local.Seen.ShouldBeEmpty();
        gateway.Log.Lines.ShouldAllBe(line => !line.Contains(" 1801 ") && !line.Contains(" 1102 "));
    }

    /// <summary>FEATURES, row 16: what stands in for a local model is asked, limited and told as it is.</summary>
    [Theory]
    [InlineData(503, null)]
    [InlineData(429, "1")]
    public async Task A_cloud_stands_in_for_a_local_model_that_fails_and_a_local_one_for_a_cloud(int status, string? retryAfter)
    {
        var failing = true;
        Task Answer(HttpContext context, bool isCloud)
        {
            context.Response.Headers.RetryAfter = retryAfter;
            return failing == isCloud ? FakeWorker.WriteJsonAsync(context, """{"error":{"message":"no","code":"rate_limit_exceeded"}}""", status) : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        }

        await using var service = await FakeWorker.StartedAsync(context => Answer(context, isCloud: true));
        await using var local = await FakeWorker.StartedAsync(context => Answer(context, isCloud: false));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(
            CloudPlan.Cloud("cloud", service) with { Traffic = new TrafficPolicy { Fallbacks = ["demo-chat"] } },
            CloudPlan.Cloud("spare", service), // the first has failed by then, and is set aside
            Plan.Deployment("demo-chat", local) with { Traffic = new TrafficPolicy { Fallbacks = ["spare"] } }), ("Retries:Delay", "00:00:00"));

        using var byLocal = await gateway.ChatAsync(Body);
        failing = false;
        using var byCloud = await gateway.ChatAsync();

        (byLocal.StatusCode, byLocal.Headers.GetValues("x-aifactory-answered-by").Single()).ShouldBe((HttpStatusCode.OK, "demo-chat"));
        (byCloud.StatusCode, byCloud.Headers.GetValues("x-aifactory-answered-by").Single()).ShouldBe((HttpStatusCode.OK, "spare"));
        service.Seen.Last().Headers["Authorization"].ShouldBe($"Bearer {CloudPlan.Secret}");
        service.Seen.Last().Body.ShouldContain("\"model\":\"their-chat\"");
        local.Seen.ShouldAllBe(seen => !seen.Headers.Values.Any(value => value.Contains("0123456789")));
    }

    [Fact]
    public async Task A_credential_lies_nowhere_in_the_clear_and_a_restarted_gateway_has_it_without_the_library()
    {
        await using var service = await FakeWorker.StartedAsync();
        var plan = Plan.Of(CloudPlan.Cloud("cloud", service));
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-");
        try
        {
            await using (var before = await GatewayUnderTest.StartAsync(await FakeLibrary.StartedAsync(plan.Snapshot()), folder.FullName))
            {
                await GatewayUnderTest.UntilAsync(() => File.Exists(before.SnapshotPath));
            }

            var down = await FakeLibrary.StartedAsync();
            await down.KillAsync();
            await using var after = await GatewayUnderTest.StartAsync(down, folder.FullName);
            using var response = await after.ChatAsync(Body);
            using var models = await after.GetAsync("/v1/models");
            using var metrics = await after.GetAsync("/metrics", key: null);

            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            service.Seen.Single().Headers["Authorization"].ShouldBe($"Bearer {CloudPlan.Secret}");
            foreach (var file in Directory.EnumerateFiles(folder.FullName, "*", SearchOption.AllDirectories))
            {
                File.ReadAllBytes(file).AsSpan().IndexOf("0123456789-abcdefghij"u8).ShouldBe(-1, file);
            }

            (await File.ReadAllTextAsync(after.SnapshotPath, TestContext.Current.CancellationToken)).ShouldContain("their-chat", customMessage: "the file that was looked through has the upstream");
            (await GatewayUnderTest.TextAsync(models) + await GatewayUnderTest.TextAsync(metrics)).ShouldNotContain("0123456789-abcdefghij");
            after.Log.Lines.ShouldAllBe(line => !line.Contains("0123456789-abcdefghij"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_credential_that_another_key_sealed_is_a_clear_refusal_and_another_model_stands_in()
    {
        await using var service = await FakeWorker.StartedAsync();
        await using var local = await FakeWorker.StartedAsync();
        var route = CloudPlan.Cloud("cloud", service);
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(route, CloudPlan.Cloud("backed", service) with { Traffic = new TrafficPolicy { Fallbacks = ["demo-chat"] } }, Plan.Deployment("demo-chat", local)), ("Secrets:Key", new string('k', 40)));

        using var refused = await gateway.ChatAsync(Body);
        using var answered = await gateway.ChatAsync(Body.Replace("cloud", "backed"));

        refused.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        var text = await GatewayUnderTest.TextAsync(refused);
        text.ShouldContain("\"code\":\"upstream_unusable\"");
        text.ShouldContain("The upstream 'cloud-cloud', which serves the model 'cloud', cannot be asked: the credential that is kept for it cannot be opened: it was sealed with another key: Secrets:Key");
        gateway.Log.Lines.ShouldContain(line => line.Contains(" 1009 ") && line.Contains("cloud-cloud") && line.Contains("another key"));
        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
        service.Seen.ShouldBeEmpty();
        local.Seen.Count.ShouldBe(1);
    }

    /// <summary>The name stands for this machine on every machine, and the library's settings did not say that it may.</summary>
    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task This_machine_is_no_upstream_whatever_it_is_called(string host)
    {
        await using var service = await FakeWorker.StartedAsync();
        await using var local = await FakeWorker.StartedAsync();
        var route = CloudPlan.Cloud("cloud", service, credential: null);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(
            route with
            {
                Replicas = [new ReplicaRoute("upstream/cloud", $"http://{host}:{service.Address.Port}/v1")],
                Upstream = route.Upstream! with { Local = false }, // Cloud sets it
                Traffic = new TrafficPolicy { Fallbacks = ["demo-chat"] },
            },
            Plan.Deployment("demo-chat", local)));

        using var response = await gateway.ChatAsync(Body);

        (response.StatusCode, response.Headers.GetValues("x-aifactory-answered-by").Single()).ShouldBe((HttpStatusCode.OK, "demo-chat"));
        service.Seen.ShouldBeEmpty();
        gateway.Log.Lines.ShouldContain(line => line.Contains($"The host '{host}' is not on the public internet"));
    }

    [Fact]
    public async Task A_service_that_sends_elsewhere_is_not_followed()
    {
        await using var elsewhere = await FakeWorker.StartedAsync();
        await using var service = await FakeWorker.StartedAsync(context =>
        {
            context.Response.Headers.Location = $"{elsewhere.Address}v1/chat/completions";
            context.Response.StatusCode = 307;
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(CloudPlan.Cloud("cloud", service)), ("Retries:Delay", "00:00:00"));

        using var response = await gateway.ChatAsync(Body);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await GatewayUnderTest.TextAsync(response)).ShouldContain("status 307");
        response.Headers.Location.ShouldBeNull();
        elsewhere.Seen.ShouldBeEmpty();
    }
}
