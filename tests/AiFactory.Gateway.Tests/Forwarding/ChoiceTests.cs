using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class ChoiceTests
{
    /// <summary>FEATURES, row 5.</summary>
    [Fact]
    public async Task Three_thousand_requests_spread_evenly_over_three_replicas_and_none_fails_when_one_stops()
    {
        await using var a = await FakeWorker.StartedAsync();
        await using var b = await FakeWorker.StartedAsync();
        await using var c = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b, c));

        await SendAsync(gateway, 3000);
        int[] seen = [a.Seen.Count, b.Seen.Count, c.Seen.Count];
        await c.KillAsync();
        await SendAsync(gateway, 300);

        seen.ShouldAllBe(count => count >= 900 && count <= 1100);
    }

    /// <summary>FEATURES, row 6, of two replicas.</summary>
    [Fact]
    public async Task The_sooner_of_two_gets_nine_tenths_and_the_trace_says_why()
    {
        var reasons = new ConcurrentQueue<object?>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == GatewayTelemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if ("two-speeds".Equals(span.GetTagItem("gen_ai.request.model")))
                {
                    reasons.Enqueue(span.GetTagItem("aifactory.choice.reason"));
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var soon = await FakeWorker.StartedAsync();
        await using var late = await FakeWorker.StartedAsync(async context =>
        {
            await Task.Delay(300, context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("two-speeds", soon, late)));
        const string body = """{"model":"two-speeds","messages":[]}""";
        for (var i = 0; i < 30; i++)
        {
            using var warm = await gateway.ChatAsync(body);
        }

        var before = late.Seen.Count;
        for (var i = 0; i < 100; i++)
        {
            using var response = await gateway.ChatAsync(body);
        }

        (late.Seen.Count - before).ShouldBeLessThanOrEqualTo(10);
        reasons.ShouldContain("latency");
    }

    [Theory]
    [InlineData("session")]
    [InlineData("prompt_cache_key")]
    [InlineData("user")]
    [InlineData("prefix")]
    public async Task Requests_of_one_kind_stay_with_one_replica_and_the_answer_says_why(string kind)
    {
        await using var a = await FakeWorker.StartedAsync();
        await using var b = await FakeWorker.StartedAsync();
        await using var c = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b, c));
        var prompt = new string('p', kind == "prefix" ? 2000 : 10);

        for (var i = 0; i < 12; i++)
        {
            var member = kind is "user" or "prompt_cache_key" ? $"\"{kind}\": \"x\"," : "";
            using var request = GatewayUnderTest.Request(
                HttpMethod.Post, "/v1/chat/completions", json: $$"""{"model":"demo-chat",{{member}}"messages":[{"role":"user","content":"{{prompt}} {{i}}"}]}""");
            request.Headers.Add(ChoiceNote.AskHeader, "1");
            if (kind == "session")
            {
                request.Headers.Add(RequestAffinity.SessionHeader, "one");
            }

            using var response = await gateway.SendAsync(request);
            response.Headers.GetValues(ChoiceNote.AnswerHeader).ShouldBe([$"reason={(kind == "prefix" ? "prefix" : "session")}; attempts=1; version=1"]);
        }

        new[] { a, b, c }.Count(worker => worker.Seen.IsEmpty).ShouldBe(2);
    }

    [Fact]
    public async Task The_reason_is_told_only_to_who_asks_and_counts_the_attempts()
    {
        await using var a = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var b = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b), ("Retries:MostRounds", "0"));
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: """{"model":"demo-chat"}""");
        request.Headers.Add(ChoiceNote.AskHeader, "1");

        using var silent = await gateway.ChatAsync();
        using var told = await gateway.SendAsync(request);

        silent.Headers.Contains(ChoiceNote.AnswerHeader).ShouldBeFalse();
        told.Headers.GetValues(ChoiceNote.AnswerHeader).ShouldBe(["reason=failover; attempts=2; version=1"]);
    }

    [Fact]
    public async Task An_idle_replica_that_is_gone_is_set_aside_before_a_request_finds_out_and_back_as_soon_as_it_listens()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Chat(worker), ("Probes:Interval", "00:00:00.050"), ("Probes:IdleTime", "00:00:00.050"), ("Breakers:FirstPause", "00:05:00"), ("Breakers:LongestPause", "00:05:00"));
        var breaker = gateway.Services.GetRequiredService<CurrentRoutes>().Table!.Deployments.Values.Single().Replicas.Single().Breaker; // a snapshot was published
        await GatewayUnderTest.UntilAsync(() => worker.Probes > 1);

        await worker.KillAsync();
        await GatewayUnderTest.UntilAsync(() => !breaker.IsClosed);
        await worker.StartAsync();

        // Its pause is five minutes: only the look can have ended it.
        using var response = await gateway.ChatAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.Log.Lines.ShouldNotContain(line => line.Contains("gave no answer"));
    }

    private static Task SendAsync(GatewayUnderTest gateway, int count) =>
        Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (_, _) =>
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        });
}
