using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Telemetry;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using Microsoft.AspNetCore.Http;

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

        // 2. It is not any more: what was known of it fades, and each answer says that it is quick.
        _isSlow = false;
        for (var i = 0; i < 40; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(10));
            await AskAsync(gateway, "soonest", 1);
        }

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

    private async Task AnswerLateAsync(HttpContext context)
    {
        _clock.Advance(_isSlow ? TimeSpan.FromMilliseconds(300) : TimeSpan.Zero);
        await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
    }

    private static Plan PlanOf(string name, FakeWorker soon, FakeWorker late, string? sticky) => Plan.Of(
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
