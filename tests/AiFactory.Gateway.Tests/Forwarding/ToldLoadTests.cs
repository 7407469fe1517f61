using System.Net;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Forwarding;

/// <summary>Replicas that tell of their load with their answers.</summary>
public sealed class ToldLoadTests
{
    private const string Busy = "TEXT named_metrics.kv_cache_usage_perc=0.25, named_metrics.num_requests_waiting=20, named_metrics.num_requests_running=4";
    private const string Idle = "TEXT named_metrics.kv_cache_usage_perc=0, named_metrics.num_requests_waiting=0, named_metrics.num_requests_running=0";

    [Fact]
    public async Task Of_two_as_quick_ones_the_one_that_tells_of_a_queue_gets_far_fewer_until_that_is_old()
    {
        var clock = new ManualTimeProvider();
        await using var busy = await FakeWorker.StartedAsync(context => AnswerAsync(context, Busy));
        await using var idle = await FakeWorker.StartedAsync(context => AnswerAsync(context, Idle));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(busy, idle), clock);

        // Each has told once when it was asked once: then it is known.
        await AskAsync(gateway, 4);
        var before = busy.Seen.Count;
        var reasons = await AskAsync(gateway, 200);
        (busy.Seen.Count - before).ShouldBeInRange(0, 40);
        reasons.ShouldContain("queue");

        // Nobody tells any more, and a minute later it is forgotten.
        (busy.Script, idle.Script) = (context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion), context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion));
        clock.Advance(TimeSpan.FromMinutes(1));
        before = busy.Seen.Count;
        (await AskAsync(gateway, 100)).ShouldNotContain("queue");
        (busy.Seen.Count - before).ShouldBeInRange(30, 70);
    }

    [Fact]
    public async Task The_gateway_asks_in_its_own_words_clients_learn_nothing_and_the_view_of_the_traffic_shows_it()
    {
        var clock = new ManualTimeProvider();
        await using var worker = await FakeWorker.StartedAsync(context => AnswerAsync(context, Busy));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), clock);
        (await LoadAsync(gateway)).ValueKind.ShouldBe(JsonValueKind.Null);
        foreach (var _ in (int[])[1, 2])
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: """{"model":"demo-chat","messages":[]}""");
            request.Headers.Add(WireHeaders.LoadFormat, "JSON");
            using var response = await gateway.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Headers.Contains(WireHeaders.Load).ShouldBeFalse();
        }

        // The clock stands: a busy replica's answers need not all say it.
        worker.Seen.Select(seen => seen.Headers.GetValueOrDefault(WireHeaders.LoadFormat)).ShouldBe(["TEXT", null]);
        clock.Advance(TimeSpan.FromSeconds(2));
        (await LoadAsync(gateway)).GetRawText().ShouldBe("""{"waiting":20,"running":4,"cacheUse":0.25,"ageSeconds":2}""");
    }

    /// <summary>The worker that has the queue answers nobody: only a look at it can tell.</summary>
    [Fact]
    public async Task A_queue_is_known_before_the_first_of_those_who_wait_in_it_is_answered()
    {
        await using var busy = await FakeWorker.StartedAsync(context => AnswerAsync(context, Idle));
        await using var idle = await FakeWorker.StartedAsync(context => AnswerAsync(context, Idle));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(busy, idle), ("Probes:Interval", "00:00:00.050"));
        await AskAsync(gateway, 2);
        (busy.ProbedLoad, idle.ProbedLoad) = (Busy, Idle);
        var deployment = gateway.Services.GetRequiredService<CurrentRoutes>().Table!.Deployments.Values.Single(); // a snapshot was published
        await GatewayUnderTest.UntilAsync(() => Array.Exists(deployment.Replicas, replica => replica.Load.Told?.Report.Waiting == 20));

        var before = busy.Seen.Count;
        busy.Script = context => AnswerAsync(context, Busy);
        await AskAsync(gateway, 100);
        (busy.Seen.Count - before).ShouldBeInRange(0, 30);
        deployment.Replicas.ShouldAllBe(replica => replica.Breaker.IsClosed);
    }

    [Theory]
    [InlineData("cloud")]
    [InlineData("static")]
    public async Task A_service_that_is_not_ours_is_not_asked_and_not_believed(string model)
    {
        await using var service = await FakeWorker.StartedAsync(context => AnswerAsync(context, Busy));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(CloudPlan.Cloud("cloud", service), Plan.Deployment("static", service) with { External = true }));
        using var response = await gateway.ChatAsync($$"""{"model":"{{model}}","messages":[]}""");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        service.Seen.ShouldHaveSingleItem().Headers.Keys.ShouldNotContain(WireHeaders.LoadFormat);
        response.Headers.Contains(WireHeaders.Load).ShouldBeFalse();
        var deployment = gateway.Services.GetRequiredService<CurrentRoutes>().Table!.Deployments.Values.Single(one => one.Name == model); // a snapshot was published
        deployment.Replicas.ShouldAllBe(replica => replica.Load.Told == null);
    }

    /// <returns>The reasons of the choices.</returns>
    private static async Task<List<string>> AskAsync(GatewayUnderTest gateway, int times)
    {
        var reasons = new List<string>();
        for (var i = 0; i < times; i++)
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: """{"model":"demo-chat","messages":[]}""");
            request.Headers.Add(ChoiceNote.AskHeader, "1");
            using var response = await gateway.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            await GatewayUnderTest.TextAsync(response);
            reasons.Add(response.Headers.GetValues(ChoiceNote.AnswerHeader).Single().Split(';')[0]["reason=".Length..]);
        }

        return reasons;
    }

    private static Task AnswerAsync(Microsoft.AspNetCore.Http.HttpContext context, string report)
    {
        context.Response.Headers[WireHeaders.Load] = report;
        return FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
    }

    private static async Task<JsonElement> LoadAsync(GatewayUnderTest gateway)
    {
        using var response = await gateway.GetAsync("/api/traffic", Plan.ViewerKey);
        using var document = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response));
        return document.RootElement.GetProperty("items")[0].GetProperty("replicas")[0].GetProperty("load").Clone();
    }
}
