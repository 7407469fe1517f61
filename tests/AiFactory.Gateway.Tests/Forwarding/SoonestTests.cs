using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Forwarding;

/// <summary>FEATURES row 6: "Two deployments, one +300 ms: after warm-up >= 90 % of traffic on the faster; the reason is on the trace." The clock stands still but for those 300 ms.</summary>
public sealed class SoonestTests
{
    private const int WarmUp = 60;

    private readonly ManualTimeProvider _clock = new();
    private bool _isSlow = true;

    [Fact]
    public async Task The_faster_of_two_deployments_gets_nine_tenths_the_trace_says_why_and_one_that_has_recovered_gets_its_share_again()
    {
        var reasons = new ConcurrentQueue<object?>();
        using var listener = Listen("soonest", reasons);
        await using var soon = await FakeWorker.StartedAsync();
        await using var late = await FakeWorker.StartedAsync(AnswerLateAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(PlanOf("soonest", soon, late, sticky: null), _clock);
        await AskAsync(gateway, "soonest", WarmUp);
        await GatewayUnderTest.UntilAsync(() => reasons.Count == WarmUp);
        reasons.Clear();

        // 1. One is slower by 300 ms.
        var answered = await AskAsync(gateway, "soonest", 100);

        answered.Count(one => one.By == "soonest").ShouldBeGreaterThanOrEqualTo(90);
        await GatewayUnderTest.UntilAsync(() => reasons.Count == answered.Count);
        reasons.Count(reason => reason is "latency").ShouldBe(answered.Count(one => one.By == "soonest"), "who was asked to find out how late it is now was not chosen for that");
        answered.ShouldAllBe(one => one.Note == $"reason=only; attempts=1; version=1; variant={(one.By == "soonest" ? "latency" : "share")}");

        // 2. It is not any more: what was known of it fades, and does not come back with its next answer.
        _isSlow = false;
        _clock.Advance(TimeSpan.FromMinutes(30));
        (await AskAsync(gateway, "soonest", 100)).Count(one => one.By == "late").ShouldBeInRange(20, 80, "50, with a standard deviation of 5");
    }

    [Fact]
    public async Task Who_has_to_stay_with_a_slow_one_stays_and_what_cannot_answer_is_made_good_by_the_others()
    {
        await using var soon = await FakeWorker.StartedAsync();
        await using var late = await FakeWorker.StartedAsync(AnswerLateAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(PlanOf("sticky", soon, late, sticky: "header:x-tenant"), _clock, ("Retries:Delay", "00:00:00.001"));
        await AskAsync(gateway, "sticky", WarmUp);

        // 1. Tenants stay where the shares put them, however slow.
        var places = new List<string>();
        for (var tenant = 0; tenant < 20; tenant++)
        {
            var asked = await AskAsync(gateway, "sticky", 3, $"tenant-{tenant}");
            asked.ShouldAllBe(one => one.Note.EndsWith("; variant=sticky", StringComparison.Ordinal));
            places.Add(asked.Select(one => one.By).Distinct().ShouldHaveSingleItem());
        }

        places.Count(place => place == "late").ShouldBeInRange(1, 19);

        // 2. The faster is killed: nobody fails, also not whoever was on the way to it.
        await soon.KillAsync();
        (await AskAsync(gateway, "sticky", 20)).ShouldAllBe(one => one.By == "late");
        (await AskAsync(gateway, "sticky", 1, $"tenant-{places.IndexOf("sticky")}")).ShouldAllBe(one => one.By == "late");
    }

    /// <summary>What is refused comes soon, and says nothing of how soon answers come; its breaker stays closed by it.</summary>
    [Theory]
    [InlineData(401)]
    [InlineData(429)]
    public async Task One_that_refuses_at_once_is_not_the_soonest(int status)
    {
        await using var cloud = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"error":{"message":"No."}}""", status));
        await using var late = await FakeWorker.StartedAsync(AnswerLateAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("named", late) with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("cloud", 50)], Strategy = TrafficStrategies.Latency } }, CloudPlan.Cloud("cloud", cloud)),
            _clock, ("Retries:Delay", "00:00:00.001"));
        await AskAsync(gateway, "named", WarmUp);
        var before = cloud.Seen.Count;

        (await AskAsync(gateway, "named", 100)).ShouldAllBe(one => one.By == "named");

        // A 429 is asked again in rounds.
        var rounds = status == 429 ? 4 : 1;
        (cloud.Seen.Count - before).ShouldBeLessThanOrEqualTo(15 * rounds, "a 64th, and more the longer it is since it was last asked");
    }

    [Fact]
    public async Task The_time_that_counts_is_the_one_that_the_client_waited_also_for_a_replica_that_failed_it()
    {
        var asked = 0;
        async Task FailFirstAsync(HttpContext context)
        {
            var isFirst = Interlocked.Increment(ref asked) == 1;
            _clock.Advance(isFirst ? TimeSpan.FromMilliseconds(300) : TimeSpan.Zero);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion, isFirst ? 503 : 200);
        }

        await using var one = await FakeWorker.StartedAsync(FailFirstAsync);
        await using var two = await FakeWorker.StartedAsync(FailFirstAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(PlanOf("waited", [one, two], [one, two]), _clock, ("Retries:Delay", "00:00:00.001"));

        (await AskAsync(gateway, "waited", 1)).Single().Note.ShouldContain("attempts=2");

        var known = gateway.Services.GetRequiredService<CurrentRoutes>().Table.ShouldNotBeNull().Deployments.Values.Sum(deployment => deployment.Latency(stream: false).Milliseconds(_clock.GetTimestamp(), _clock.TimestampFrequency));
        known.ShouldBe(10, 0.1, "what it may rise by at once, of 300");
    }

    [Fact]
    public async Task What_finds_the_queue_of_the_soonest_full_goes_to_another_with_a_free_place()
    {
        using var gate = new SemaphoreSlim(0);
        async Task HoldAsync(HttpContext context)
        {
            await gate.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        }

        await using var one = await FakeWorker.StartedAsync(HoldAsync);
        await using var two = await FakeWorker.StartedAsync(HoldAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(PlanOf("full", one, two, sticky: null), ("Queue:RequestsPerReplica", "1"), ("Queue:Length", "0"));

        var first = gateway.ChatAsync("""{"model":"full","messages":[]}""");
        await GatewayUnderTest.UntilAsync(() => one.Seen.Count + two.Seen.Count == 1);
        var second = gateway.ChatAsync("""{"model":"full","messages":[]}""");
        await GatewayUnderTest.UntilAsync(() => second.IsCompleted || one.Seen.Count + two.Seen.Count == 2);
        using (var third = await gateway.ChatAsync("""{"model":"full","messages":[]}"""))
        {
            third.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, "all are full");
        }

        gate.Release(2);
        using var answer = await first;
        using var other = await second;
        (answer.StatusCode, other.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        (one.Seen.Count, two.Seen.Count).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Who_has_a_share_is_asked_before_who_has_none_and_nobody_twice()
    {
        await using var fails = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var works = await FakeWorker.StartedAsync();
        await using var old = await FakeWorker.StartedAsync();
        var policy = new TrafficPolicy { Splits = [new TrafficSplit("a", 50), new TrafficSplit("b", 50)], Strategy = TrafficStrategies.Latency, Fallbacks = ["a", "b"] };
        var named = Plan.Deployment("moved", old) with { Traffic = policy };

        // 1. One of the two with a share answers for the other.
        await using (var gateway = await GatewayUnderTest.StartAsync(Plan.Of(named, Plan.Deployment("a", fails), Plan.Deployment("b", works)), ("Retries:Delay", "00:00:00.001")))
        {
            (await AskAsync(gateway, "moved", 20)).ShouldAllBe(one => one.By == "b");
            old.Seen.ShouldBeEmpty();
            fails.Seen.ShouldNotBeEmpty();
        }

        // 2. Who has none answers for both, and neither is asked again as a fallback.
        fails.Seen.Clear();
        var cloud = (string name) => CloudPlan.Cloud(name, fails);
        fails.Script = context => FakeWorker.WriteJsonAsync(context, "{}", 401);
        await using (var gateway = await GatewayUnderTest.StartAsync(Plan.Of(named, cloud("a"), cloud("b")), ("Retries:Delay", "00:00:00.001")))
        {
            (await AskAsync(gateway, "moved", 1)).Single().By.ShouldBe("moved");
            fails.Seen.Count.ShouldBe(2);
        }

        fails.Seen.Clear();
        await using (var gateway = await GatewayUnderTest.StartAsync(Plan.Of(named with { Replicas = [] }, cloud("a"), cloud("b")), ("Retries:Delay", "00:00:00.001")))
        {
            using var response = await gateway.ChatAsync("""{"model":"moved","messages":[]}""");
            response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
            fails.Seen.Count.ShouldBe(2);
        }
    }

    private async Task AnswerLateAsync(HttpContext context)
    {
        _clock.Advance(_isSlow ? TimeSpan.FromMilliseconds(300) : TimeSpan.Zero);
        await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
    }

    private static Plan PlanOf(string name, FakeWorker soon, FakeWorker late, string? sticky) => PlanOf(name, [soon], [late], sticky);

    private static Plan PlanOf(string name, FakeWorker[] soon, FakeWorker[] late, string? sticky = null) => Plan.Of(
        Plan.Deployment(name, soon) with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("late", 50)], Strategy = TrafficStrategies.Latency, StickyBy = sticky } }, Plan.Deployment("late", late));

    private static async Task<List<(string By, string Note)>> AskAsync(GatewayUnderTest gateway, string model, int times, string? tenant = null)
    {
        var answered = new List<(string, string)>();
        for (var i = 0; i < times; i++)
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: $$"""{"model":"{{model}}","messages":[]}""");
            request.Headers.Add(ChoiceNote.AskHeader, "1");
            if (tenant is not null)
            {
                request.Headers.Add("x-tenant", tenant);
            }

            using var response = await gateway.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            answered.Add((response.Headers.GetValues(ChoiceNote.AnsweredByHeader).Single(), response.Headers.GetValues(ChoiceNote.AnswerHeader).Single()));
        }

        return answered;
    }

    private static ActivityListener Listen(string model, ConcurrentQueue<object?> reasons)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == GatewayTelemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (model.Equals(span.GetTagItem("gen_ai.request.model")))
                {
                    reasons.Enqueue(span.GetTagItem("aifactory.variant.reason"));
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
