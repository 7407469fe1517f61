using System.Collections.Concurrent;
using System.Net;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.OpenAI;
using AiFactory.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class RetryTests
{
    private const string StreamBody = """{"model":"demo-chat","stream":true,"messages":[]}""";

    [Theory]
    [InlineData(503)]
    [InlineData(502)]
    [InlineData(504)]
    [InlineData(429)]
    public async Task Two_refusals_and_an_answer_are_one_success(int status)
    {
        var asked = 0;
        await using var worker = await FakeWorker.StartedAsync(context =>
            Interlocked.Increment(ref asked) <= 2 ? FakeWorker.WriteJsonAsync(context, "{}", status) : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        asked.ShouldBe(3);
    }

    [Fact]
    public void The_wait_before_a_round_doubles_up_to_a_limit_and_any_part_of_it_may_be_waited()
    {
        var retries = new RetryOptions { Delay = TimeSpan.FromMilliseconds(100), LongestDelay = TimeSpan.FromMilliseconds(500) };

        Enumerable.Range(0, 5).Select(round => ReplicaWait.Delay(round, retries, 1).TotalMilliseconds).ShouldBe([100, 200, 400, 500, 500]);
        ReplicaWait.Delay(2, retries, 0.25).TotalMilliseconds.ShouldBe(100);
        ReplicaWait.Delay(1000, retries, 0).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_time_that_the_replica_named_is_waited_for()
    {
        var clock = new ManualTimeProvider();
        var asked = new ConcurrentQueue<DateTimeOffset>();
        await using var worker = await FakeWorker.StartedAsync(context =>
        {
            asked.Enqueue(clock.GetUtcNow());
            context.Response.Headers.RetryAfter = "5";
            return asked.Count == 1 ? FakeWorker.WriteJsonAsync(context, "{}", 503) : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), clock);
        var routes = gateway.Services.GetRequiredService<CurrentRoutes>();

        var answer = gateway.ChatAsync();
        await GatewayUnderTest.UntilAsync(() => routes.Table!.Deployments.Values.Single().Replicas[0].Breaker.OpenUntil > 0); // the plan has one
        for (var step = 0; step < 50; step++)
        {
            // It looks again at each step, and has the time of a request of ours to ask too early.
            clock.Advance(TimeSpan.FromSeconds(0.1));
            routes.Wake();
            using var between = await gateway.GetAsync("/v1/models");
        }

        await GatewayUnderTest.UntilAsync(() =>
        {
            routes.Wake();
            return answer.IsCompleted;
        });
        using var response = await answer;

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        asked.Select(each => each - asked.First()).ShouldBe([TimeSpan.Zero, TimeSpan.FromSeconds(5)]);
    }

    [Fact]
    public async Task Replicas_that_are_full_for_longer_than_a_request_waits_are_a_429_at_once()
    {
        await using var worker = await FakeWorker.StartedAsync(context =>
        {
            context.Response.Headers.RetryAfter = "30";
            return FakeWorker.WriteJsonAsync(context, "{}", 429);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter!.Delta.ShouldNotBeNull().TotalSeconds.ShouldBeInRange(29, 30); // the test asks for it
        worker.Seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\",\"code\":500}}\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\nevent: error\ndata: {\"message\":\"out of memory\"}\n\n")]
    [InlineData("")]
    [InlineData("\u0001\u0002 garbage")]
    [InlineData(null)] // 200 and nothing at all, not even a type: the soak's clients had it as an answer
    public async Task A_stream_that_begins_with_no_answer_fails_over(string? beginning)
    {
        await using var broken = await FakeWorker.StartedAsync(context => beginning is null ? Task.CompletedTask : FakeWorker.WriteEventAsync(context, beginning));
        await using var alive = await FakeWorker.StartedAsync(context => FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one") + "data: [DONE]\n\n"));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(broken, alive));

        for (var i = 0; i < 10; i++)
        {
            using var response = await gateway.ChatAsync(StreamBody);
            (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Chunk("one") + "data: [DONE]\n\n");
        }

        broken.Seen.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_error_of_the_requests_own_is_passed_on_and_not_repeated()
    {
        const string error = "data: {\"error\":{\"message\":\"too long\",\"type\":\"invalid_request_error\",\"code\":400}}\n\n";
        await using var a = await FakeWorker.StartedAsync(context => FakeWorker.WriteEventAsync(context, error));
        await using var b = await FakeWorker.StartedAsync(context => FakeWorker.WriteEventAsync(context, error));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b));

        using var response = await gateway.ChatAsync(StreamBody);

        (await GatewayUnderTest.TextAsync(response)).ShouldBe(error);
        (a.Seen.Count + b.Seen.Count).ShouldBe(1);
    }

    [Fact]
    public async Task Replicas_that_only_fail_are_not_asked_until_one_may_be_tried_and_recover_by_one_request()
    {
        var failing = true;
        await using var worker = await FakeWorker.StartedAsync(context =>
            failing ? FakeWorker.WriteJsonAsync(context, "{}", 503) : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Breakers:FirstPause", "00:00:01"), ("Retries:Delay", "00:00:00.001"));
        using var first = await gateway.ChatAsync();
        var asked = worker.Seen.Count;

        using var fast = await gateway.ChatAsync();

        first.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        fast.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        fast.Headers.RetryAfter.ShouldNotBeNull();
        (await EnvelopeTests.ErrorAsync(fast)).GetProperty("code").GetString().ShouldBe("upstream_unavailable");
        worker.Seen.Count.ShouldBe(asked, "nobody was asked for the second");

        failing = false;
        await GatewayUnderTest.UntilAsync(async () =>
        {
            using var answer = await gateway.ChatAsync();
            return answer.IsSuccessStatusCode;
        });
    }

    [Fact]
    public async Task What_is_sent_again_keeps_within_the_budget()
    {
        await using var a = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var b = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 503));
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Chat(a, b), ("Retries:BudgetShare", "0"), ("Retries:BudgetFloor", "2"), ("Breakers:ConsecutiveFailures", "1000"), ("Breakers:LeastAnswers", "1000"), ("Retries:Delay", "00:00:00"));

        for (var i = 0; i < 5; i++)
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await EnvelopeTests.ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("retry_budget_spent");
        }

        (a.Seen.Count + b.Seen.Count).ShouldBe(7, "five requests, two of them sent again");
    }

    [Fact]
    public void A_budget_grows_with_the_requests_and_fades()
    {
        var time = new ManualTimeProvider();
        var options = new RetryOptions { BudgetShare = 0.2, BudgetFloor = 1 };
        var budget = new RetryBudget();
        for (var i = 0; i < 100; i++)
        {
            budget.Deposit(time);
        }

        Enumerable.Range(0, 100).Count(_ => budget.TryTake(options, time)).ShouldBe(21);
        time.Advance(TimeSpan.FromMinutes(5));
        Enumerable.Range(0, 100).Count(_ => budget.TryTake(options, time)).ShouldBe(1);
    }
}
