using System.Net;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Variants;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Variants;

public sealed class VariantTests(PostgresFixture postgres)
{
    private const string Report = "/api/usage/variants?model=demo-chat&from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z";

    private static readonly DateTimeOffset Begin = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>FEATURES, row 52: of a known population, against figures that were worked out by hand.</summary>
    [Fact]
    public async Task Latency_failures_cost_tokens_and_scores_of_each_variant_stand_side_by_side_with_their_bounds()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Of(Plan.Deployment("demo-chat", worker), Plan.Deployment("b", worker));
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ledger.Setting);
        await gateway.Services.GetRequiredService<MigrationState>().Completed.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var (a, b) = (plan.Deployments[0].Id, plan.Deployments[1].Id);
        await gateway.Services.GetRequiredService<UsageStore>().InsertAsync(
            [
                .. Enumerable.Range(1, 100).Select(i => Row(i, a) with { TotalMicros = i * 10_000, FirstTokenMicros = i * 1_000, CostMicros = 100, RequestId = $"a-{i}" }),
                .. Enumerable.Range(1, 90).Select(i => Row(i, b) with { TotalMicros = i * 20_000, CostMicros = 300, CompletionTokens = 20, RequestId = $"b-{i}" }),
                .. Enumerable.Range(1, 10).Select(i => Row(i, b) with { Outcome = i % 2 == 0 ? "failed" : "answered", DeploymentId = i % 2 == 0 ? b : a }), // failed, or a fallback answered
                Row(1, b) with { Outcome = "client-left" },
                Row(1, b) with { Cache = "hit" },
                Row(1, a) with { RequestedModel = "another" },
                Row(1, a) with { Project = "other" },
                Row(1, a) with { At = Begin.AddDays(1) },
                Row(1, a) with { Variant = null },
            ],
            Token);
        foreach (var (id, score) in Enumerable.Range(1, 10).SelectMany(i => new (string, double)[] { ($"a-{i}", i % 2), ($"b-{i}", 1) }))
        {
            using var said = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/usage/scores", json: JsonSerializer.Serialize(new { requestId = id, score })));
            said.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        using var response = await gateway.GetAsync(Report);
        var report = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement;

        report.GetProperty("method").GetString().ShouldNotBeNull().ShouldContain("Wilson");
        var items = report.GetProperty("items").EnumerateArray().ToList();
        items.Select(item => (item.GetProperty("name").GetString(), item.GetProperty("requests").GetInt64(), item.GetProperty("failures").GetInt64())).ShouldBe([("demo-chat", 100, 0), ("b", 100, 10)]);
        Close(items[0], "failureShare", 0, 0, 0.0370);
        Close(items[1], "failureShare", 0.1, 0.0552, 0.1744); // Wilson's bounds of 10 in 100
        Close(items[0], "latency/mean", 0.505, 0.505 - (1.96 * 0.29011 / 10), 0.505 + (1.96 * 0.29011 / 10));
        Close(items[0], "latency/p50", 0.505, 0.41, 0.60); // the 41st and 60th value
        Close(items[0], "latency/p95", 0.9505, 0.91, 1.00);
        Close(items[0], "firstToken/p50", 0.0505, 0.041, 0.060);
        items[1].GetProperty("firstToken").GetProperty("p50").ValueKind.ShouldBe(JsonValueKind.Null);
        Close(items[1], "cost", 300, 300, 300);
        Close(items[1], "difference/cost", 200, 200, 200);
        Close(items[1], "difference/failureShare", 0.1, 0.1 - Math.Sqrt(Math.Pow(0.1 - 0.0552, 2) + Math.Pow(0.0370, 2)), 0.1744);
        Close(items[1], "difference/completionTokens", 10, 10, 10);
        items[0].GetProperty("score").GetProperty("value").GetDouble().ShouldBe(0.5, 1e-9);
        items[1].GetProperty("score").GetProperty("count").GetInt64().ShouldBe(10);
        items[0].GetProperty("difference").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    /// <summary>FEATURES, row 52: a sticky half, from the request to the report.</summary>
    [Fact]
    public async Task What_a_sticky_split_sends_to_each_is_what_the_report_tells_of_each()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var other = await FakeWorker.StartedAsync();
        var plan = Plan.Of(
            Plan.Deployment("demo-chat", worker) with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("b", 50)], StickyBy = "header:x-tenant" } }, Plan.Deployment("b", other));
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ledger.Setting);
        for (var i = 0; i < 40; i++)
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: """{"model":"demo-chat","messages":[]}""");
            request.Headers.Add("x-tenant", $"tenant-{i}");
            using var answer = await gateway.SendAsync(request);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await GatewayUnderTest.TextAsync(answer)); // read whole: who leaves before is in no report
        }

        await ledger.RowsAsync(40);
        using var response = await gateway.GetAsync("/api/usage/variants?model=demo-chat");
        var items = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement.GetProperty("items").EnumerateArray().ToList();

        items.Select(item => (item.GetProperty("name").GetString(), item.GetProperty("requests").GetInt64())).ShouldBe([("demo-chat", worker.Seen.Count), ("b", other.Seen.Count)]);
        other.Seen.Count.ShouldBeInRange(8, 32); // of these names always the same
        items[1].GetProperty("completionTokens").GetProperty("value").GetDouble().ShouldBe(2);
    }

    [Fact]
    public async Task A_report_and_a_score_are_of_the_caller_s_own_project_and_say_what_is_wrong_with_them()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        await gateway.Services.GetRequiredService<MigrationState>().Completed.WaitAsync(TimeSpan.FromSeconds(30), Token);

        await IsAsync(HttpMethod.Get, "/api/usage/variants", null, Plan.ViewerKey, 400, "\"model\"");
        await IsAsync(HttpMethod.Get, "/api/usage/variants?model=m&project=other", null, Plan.ViewerKey, 403, "own project");
        await IsAsync(HttpMethod.Get, "/api/usage/variants?model=m", null, Plan.ViewerKey, 200, "\"items\":[]");
        await IsAsync(HttpMethod.Post, "/api/usage/scores", """{"requestId":"a","score":1}""", Plan.ViewerKey, 403, "");
        await IsAsync(HttpMethod.Post, "/api/usage/scores", """{"requestId":"","score":1e9}""", Plan.DeveloperKey, 400, "\"score\"");
        await IsAsync(HttpMethod.Post, "/api/usage/scores", """{"requestId":"a","score":1,"project":"other"}""", Plan.DeveloperKey, 403, "own project");
        await IsAsync(HttpMethod.Post, "/api/usage/scores", """{"requestId":"a","score":1,"project":"other"}""", Plan.AdminKey, 204, "");

        async Task IsAsync(HttpMethod method, string path, string? json, string key, int status, string says)
        {
            using var response = await gateway.SendAsync(GatewayUnderTest.Request(method, path, key, json));
            var text = await GatewayUnderTest.TextAsync(response);
            ((int)response.StatusCode).ShouldBe(status, $"{path} {text}");
            text.ShouldContain(says);
        }
    }

    [Fact]
    public void Bounds_are_those_that_the_books_have()
    {
        Interval.Share(0, 0).ShouldBeNull();
        var wilson = Interval.Share(81, 263).ShouldNotBeNull(); // Newcombe (1998), Statistics in Medicine 17, 857, table I
        (wilson.Low ?? 0).ShouldBe(0.2553, 0.0001);
        (wilson.High ?? 0).ShouldBe(0.3662, 0.0001);
        var difference = Interval.Difference(Interval.Share(56, 70), Interval.Share(48, 80)).ShouldNotBeNull(); // the same, 873, table II (a), method 10
        difference.Value.ShouldBe(0.2, 1e-9);
        (difference.Low ?? 0).ShouldBe(0.0524, 0.0001);
        (difference.High ?? 0).ShouldBe(0.3339, 0.0001);
        Interval.Mean(3, null, 1).ShouldBe(new Interval(3, null, null, 1));
        Interval.Difference(Interval.Mean(3, null, 1), Interval.Mean(2, 1, 10)).ShouldBeNull();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void Close(JsonElement item, string path, double value, double low, double high)
    {
        var figure = path.Split('/').Aggregate(item, (element, name) => element.GetProperty(name));
        figure.GetProperty("value").GetDouble().ShouldBe(value, 0.001, path);
        figure.GetProperty("low").GetDouble().ShouldBe(low, 0.001, path);
        figure.GetProperty("high").GetDouble().ShouldBe(high, 0.001, path);
    }

    private static UsageRow Row(int second, Guid variant) => new()
    {
        Id = Guid.CreateVersion7(),
        At = Begin.AddSeconds(second),
        Project = "default",
        Subject = $"user:{second % 7}",
        Operation = "chat/completions",
        RequestedModel = "demo-chat",
        Deployment = "any",
        DeploymentId = variant,
        Variant = variant,
        RequestId = "id",
        Stream = false,
        Attempts = 1,
        CompletionTokens = 10,
        Estimated = false,
        Outcome = "answered",
        Status = 200,
        QueuedMicros = 0,
        TotalMicros = 1,
    };
}
