using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Contracts;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Images;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests.Images;

/// <summary>FEATURES, row 19.</summary>
public sealed class ImageTests(PostgresFixture postgres)
{
    private const string Path = "/v1/images/generations";

    /// <summary>One pixel.</summary>
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

    private static readonly string Two = $$"""{"created":7,"data":[{"b64_json":"{{Png}}","url":null,"revised_prompt":"url"},{"url":null,"b64_json":"{{Png}}"}],"size":"1x1"}""";

    private static readonly (string, string)[] Prices = [("Pricing:Models:0:Deployment", "paint"), ("Pricing:Models:0:Image", "0.04")];

    [Fact]
    public async Task An_image_is_made_by_the_rules_kept_shown_to_whoever_has_its_address_counted_and_gone_when_that_expires()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero));
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Two));
        var rule = new GuardrailRule { Name = "no-mail", Kind = "pii", Action = "mask", Entities = ["email"] };
        await using var gateway = await bench.StartAsync(
            Plan.Of(CloudPlan.Cloud("paint", service, task: "image")) with { Guardrails = [new GuardrailRoute("default", null, 1, [rule])] }, clock, Prices);

        // 1. The prompt as the rules leave it, the service's own model, and the bytes: the address is ours to give.
        var (status, answer) = await AskAsync(gateway, """{"prompt":"a card for ada@example.org","n":2,"size":"1x1"}""");
        status.ShouldBe(HttpStatusCode.OK);
        JsonNode.DeepEquals(JsonNode.Parse(service.Seen.ShouldHaveSingleItem().Body), JsonNode.Parse("""{"model":"their-chat","prompt":"a card for [EMAIL]","n":2,"size":"1x1","response_format":"b64_json"}""")).ShouldBeTrue(service.Seen.Single().Body);
        service.Seen.Single().Target.ShouldBe("/v1/images/generations");
        (answer["created"]?.GetValue<int>(), answer["size"]?.GetValue<string>(), answer["data"]?[0]?["revised_prompt"]?.GetValue<string>(), answer["data"]?[0]?["b64_json"]).ShouldBe((7, "1x1", "url", null));

        // 2. Without a key, as a browser has it.
        var url = answer["data"]?[1]?["url"]?.GetValue<string>() ?? "";
        url.ShouldStartWith($"{gateway.Client.BaseAddress}v1/images/");
        using var image = await gateway.Client.GetAsync(new Uri(url), TestContext.Current.CancellationToken);
        (image.StatusCode, image.Content.Headers.ContentType?.MediaType).ShouldBe((HttpStatusCode.OK, "image/png"));
        Convert.ToBase64String(await image.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe(Png);
        bench.Objects().Count(key => key.StartsWith("gateway/images/", StringComparison.Ordinal)).ShouldBe(2);
        (await RefusedAsync(gateway, url.Replace("expires=1", "expires=9", StringComparison.Ordinal))).ShouldBe("invalid_image_link");
        (await RefusedAsync(gateway, url.Replace(".png", ".webp", StringComparison.Ordinal))).ShouldBe("invalid_image_link");
        (await RefusedAsync(gateway, url.Split('?')[0])).ShouldBe("invalid_image_link");

        // 3. Each is counted and paid, in the ledger and in its sums.
        var row = (await bench.Ledger.RowsAsync(1)).ShouldHaveSingleItem();
        (row.Operation, row.Images, row.CostMicros, row.Outcome).ShouldBe(("images/generations", 2, 80_000, "answered"));
        using var usage = await gateway.GetAsync("/api/usage?from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z");
        JsonDocument.Parse(await GatewayUnderTest.TextAsync(usage)).RootElement.GetProperty("total").GetProperty("images").GetInt64().ShouldBe(2);

        // 4. Nobody can call it when its time is over, and nothing of it is left.
        clock.Advance(TimeSpan.FromHours(1));
        (await RefusedAsync(gateway, url)).ShouldBe("image_link_expired");
        await gateway.Services.GetServices<IHostedService>().OfType<ImageSweep>().Single().RunOnceAsync(TestContext.Current.CancellationToken);
        bench.Objects().ShouldNotContain(key => key.StartsWith("gateway/images/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_bytes_need_no_storage_and_an_address_that_could_not_be_given_costs_nothing()
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Two));
        var paint = CloudPlan.Cloud("paint", service, task: "image");
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(paint, paint with { Id = Guid.CreateVersion7(), Name = "gpt", Upstream = paint.Upstream! with { Model = "gpt-image-1" } })); // Cloud sets it

        (await AskAsync(gateway, """{"model":"paint","prompt":"x"}""")).Code.ShouldBe((503, "not_configured"));
        service.Seen.ShouldBeEmpty();
        using var bytes = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, Path, json: """{"model":"paint","prompt":"x","response_format":"b64_json"}"""));
        (bytes.StatusCode, await GatewayUnderTest.TextAsync(bytes)).ShouldBe((HttpStatusCode.OK, Two), "byte for byte");

        // A model that has no other form of answer refuses to be told of it.
        (await AskAsync(gateway, """{"model":"gpt","prompt":"x","response_format":"b64_json"}""")).Status.ShouldBe(HttpStatusCode.OK);
        service.Seen.Last().Body.ShouldNotContain("response_format");
    }

    /// <summary>Each is asked in the form that it takes, whichever was named.</summary>
    [Fact]
    public async Task A_fallback_is_told_of_the_form_of_its_answer_as_it_takes_it()
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Two, context.Items[FakeWorker.BodyItem]?.ToString()?.Contains("broken", StringComparison.Ordinal) == true ? 503 : 200));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Model("paint", "broken", "gpt"), Model("gpt", "gpt-image-1"), Model("gpt-2", "gpt-image-1 broken", "paint-2"), Model("paint-2", "paint")), ("Retries:Delay", "00:00:00"));

        (await AskAsync(gateway, """{"model":"paint","prompt":"x","response_format":"b64_json"}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(gateway, """{"model":"gpt-2","prompt":"y","response_format":"b64_json"}""")).Status.ShouldBe(HttpStatusCode.OK);

        service.Seen.Select(seen => seen.Body).Distinct().ShouldBe(
        [
            """{"model":"broken","prompt":"x","response_format":"b64_json"}""", """{"model":"gpt-image-1","prompt":"x"}""",
            """{"model":"gpt-image-1 broken","prompt":"y"}""", """{"model":"paint","prompt":"y","response_format":"b64_json"}""",
        ]);

        DeploymentRoute Model(string name, string model, string? fallback = null)
        {
            var route = CloudPlan.Cloud(name, service, task: "image");
            return route with { Upstream = route.Upstream! with { Model = model }, Traffic = fallback is null ? null : new TrafficPolicy { Fallbacks = [fallback] } }; // Cloud sets it
        }
    }

    [Theory]
    [InlineData("""{"response_format":"b64_json","prompt":"x","model":"paint","stream":true}""", 400, "unsupported_parameter")]
    [InlineData("""{"prompt":"x","model":"paint","response_format":"tiff"}""", 400, "invalid_value")]
    [InlineData("""{"response_format":"b64_json","prompt":"x","model":7}""", 400, "invalid_type")]
    [InlineData("""{"response_format":"b64_json","prompt":"x","model":"nobody"}""", 404, "model_not_found")]
    [InlineData("""{"response_format":"b64_json","prompt":"x","model":"demo-chat"}""", 400, "operation_not_supported")]
    [InlineData("""{"response_format":"b64_json","prompt":"x"}""", 400, "missing_required_parameter")]
    [InlineData("""{"response_format":"b64_json","prompt":"x","model":"paint","n":10.0}""", 400, "invalid_value")]
    [InlineData("""{"response_format":"b64_json","prompt":"x","model":"paint","n":"10"}""", 400, "invalid_value")]
    [InlineData("""{"response_format":"b64_json","prompt":"x","model":"paint","n":11}""", 400, "invalid_value")]
    [InlineData("""{"response_format":"b64_json","prompt":"x","model":"paint","n":0}""", 400, "invalid_value")]
    [InlineData("""{"response_format":"b64_json","prompt":"eleven","model":"paint"}""", 502, "upstream_answer_unusable")]
    [InlineData("""{"response_format":"b64_json","prompt":"svg","model":"paint"}""", 502, "upstream_answer_unusable")]
    [InlineData("""{"response_format":"b64_json","prompt":"link","model":"paint"}""", 502, "upstream_answer_unusable")]
    [InlineData("""{"response_format":"b64_json","prompt":"no","model":"paint"}""", 400, "moderation_blocked")]
    public async Task What_cannot_be_done_is_said_in_openai_s_words(string body, int status, string code)
    {
        await using var service = await FakeWorker.StartedAsync(context => context.Items[FakeWorker.BodyItem]?.ToString() switch
        {
            { } seen when seen.Contains("svg", StringComparison.Ordinal) => FakeWorker.WriteJsonAsync(context, $$"""{"data":[{"b64_json":"{{Convert.ToBase64String("<svg onload='alert(1)'/>"u8)}}"}]}"""),
            { } seen when seen.Contains("eleven", StringComparison.Ordinal) => FakeWorker.WriteJsonAsync(context, $$"""{"data":[{{string.Join(',', Enumerable.Repeat($$"""{"b64_json":"{{Png}}"}""", 11))}}]}"""),
            { } seen when seen.Contains("link", StringComparison.Ordinal) => FakeWorker.WriteJsonAsync(context, """{"data":[{"url":"https://images.example/1.png"}]}"""),
            _ => FakeWorker.WriteJsonAsync(context, """{"error":{"message":"no","type":"user_error","code":"moderation_blocked"}}""", 400),
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(CloudPlan.Cloud("paint", service, task: "image"), CloudPlan.Cloud("paint-2", service, task: "image"), Plan.Deployment("demo-chat", service)));

        var answer = await AskAsync(gateway, body);
        (answer.Code, answer.Retry).ShouldBe(((status, code), status == 502 ? "false" : null), "what was made and paid is not asked for again by itself");
    }

    [Fact]
    public async Task What_is_made_is_in_the_ledger_whatever_the_service_calls_its_number_and_whoever_has_left()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var service = await FakeWorker.StartedAsync(context => context.Items[FakeWorker.BodyItem]?.ToString()?.Contains("slow", StringComparison.Ordinal) == true
            ? Task.Delay(Timeout.Infinite, context.RequestAborted)
            : FakeWorker.WriteJsonAsync(context, Two));
        await using var gateway = await bench.StartAsync(Plan.Of(CloudPlan.Cloud("paint", service, task: "image")).Limited(LimitScopes.Project, LimitMeasures.Cost, LimitPeriods.Total, 1m), [.. Prices, ("Pricing:Models:0:Input", "10")]);
        var prompt = ("""{"model":"paint","prompt":"slow","n":10,"response_format":"b64_json"}""".Length + 3) / 4;

        (await AskAsync(gateway, """{"prompt":"x","num_images":2}""")).Status.ShouldBe(HttpStatusCode.OK);
        using (var left = new CancellationTokenSource())
        {
            var sending = gateway.Client.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, Path, json: """{"prompt":"slow","n":10}"""), left.Token);
            await GatewayUnderTest.UntilAsync(() => service.Seen.Count == 2);
            await left.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => sending);
        }

        (await bench.Ledger.UntilAsync(rows => rows.Count(row => row.Outcome is "answered" or "client-left") == 2)).Select(row => (row.Outcome, row.Images, row.CostMicros, row.Estimated))
            .ShouldBe([("answered", 2, 80_000, false), ("client-left", 10, 400_000 + (prompt * 10), true)]);
        gateway.Services.GetRequiredService<Tallies>().All.ShouldHaveSingleItem().Figures().Used.ShouldBe(480_000 + (prompt * 10), "budgets and the ledger know one price");
    }

    [Fact]
    public async Task A_large_answer_waits_until_another_is_gone()
    {
        using var places = new ImagePlaces(Options.Create(new ImageOptions { AtOnce = 2, LargeAtOnce = 1 }));
        using var second = places.TryEnter().ShouldNotBeNull();
        ValueTask waiting;
        using (var first = places.TryEnter().ShouldNotBeNull())
        {
            places.TryEnter().ShouldBeNull();
            await first.GrowAsync(2 << 20, TestContext.Current.CancellationToken);
            await second.GrowAsync(1 << 20, TestContext.Current.CancellationToken);
            waiting = second.GrowAsync(2 << 20, TestContext.Current.CancellationToken);
            waiting.IsCompleted.ShouldBeFalse();
        }

        await waiting;
        second.IsLarge.ShouldBeTrue();
    }

    [Fact]
    public async Task One_request_too_many_is_refused_unasked_and_large_answers_have_their_turn()
    {
        var go = new TaskCompletionSource();
        var padded = $$"""{"data":[{"b64_json":"{{Png}}","revised_prompt":"{{new string('x', 2 << 20)}}"}]}""";
        await using var service = await FakeWorker.StartedAsync(async context =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, padded);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(CloudPlan.Cloud("paint", service, task: "image")), ("Images:AtOnce", "3"), ("Images:LargeAtOnce", "1"));
        const string body = """{"prompt":"x","response_format":"b64_json"}""";

        var asked = Enumerable.Range(0, 3).Select(_ => AskAsync(gateway, body)).ToArray();
        await GatewayUnderTest.UntilAsync(() => service.Seen.Count == 3);
        (await AskAsync(gateway, body)).Code.ShouldBe((503, "images_busy"));
        service.Seen.Count.ShouldBe(3);

        // Each gets its turn, and gives its places back.
        go.SetResult();
        (await Task.WhenAll(asked)).ShouldAllBe(answer => answer.Status == HttpStatusCode.OK);
        (await AskAsync(gateway, body)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_budget_reserves_the_price_of_all_that_are_asked_for()
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Two));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(CloudPlan.Cloud("paint", service, task: "image")).Limited(LimitScopes.Project, LimitMeasures.Cost, LimitPeriods.Total, 0.1m), Prices);
        const string body = """{"model":"paint","prompt":"x","n":2,"response_format":"b64_json"}""";

        (await AskAsync(gateway, body)).Status.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(gateway, body)).Code.ShouldBe((429, "insufficient_quota"), "0.02 is left, and two cost 0.08");
    }

    private static async Task<Answered> AskAsync(GatewayUnderTest gateway, string body)
    {
        using var answer = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, Path, json: body));
        return new Answered(answer.StatusCode, JsonNode.Parse(await GatewayUnderTest.TextAsync(answer)) ?? new JsonObject())
        {
            Retry = answer.Headers.TryGetValues("x-should-retry", out var retry) ? string.Join(',', retry) : null,
        };
    }

    private static async Task<string?> RefusedAsync(GatewayUnderTest gateway, string url)
    {
        using var answer = await gateway.Client.GetAsync(new Uri(url), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        return JsonNode.Parse(await GatewayUnderTest.TextAsync(answer))?["error"]?["code"]?.GetValue<string>();
    }

    private sealed record Answered(HttpStatusCode Status, JsonNode Body)
    {
        public string? Retry { get; init; }

        public (int Status, string? Code) Code => ((int)Status, Body["error"]?["code"]?.GetValue<string>());
    }
}
