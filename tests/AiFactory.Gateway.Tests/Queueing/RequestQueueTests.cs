using System.Net;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.OpenAI;
using AiFactory.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Queueing;

public sealed class RequestQueueTests
{
    private const string Body = """{"model":"shared","messages":[]}""";

    [Fact]
    public async Task A_replica_gets_no_more_than_its_part_and_one_projects_flood_does_not_hold_up_another()
    {
        var (running, most) = (0, 0);
        using var gate = new SemaphoreSlim(0);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            await gate.WaitAsync(context.RequestAborted);
            Interlocked.Decrement(ref running);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("shared", "default", "chat", "factory", worker)), ("Queue:RequestsPerReplica", "2"));

        var flood = Enumerable.Range(0, 40).Select(_ => gateway.ChatAsync(Body)).ToList();
        await WaitingAsync(gateway, 38);
        var other = gateway.ChatAsync(Body, Plan.OtherKey);
        await WaitingAsync(gateway, 39);
        gate.Release(6);
        using var answered = await other;

        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
        flood.Count(call => !call.IsCompleted).ShouldBeGreaterThan(30);
        gate.Release(100);
        foreach (var call in flood)
        {
            using var response = await call;
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        most.ShouldBe(2);
    }

    [Theory]
    [InlineData("0", null, 429, "queue_full")]
    [InlineData("10", "50", 503, "queue_deadline")]
    public async Task Who_cannot_wait_is_told_when_to_come_back(string length, string? patience, int status, string code)
    {
        await using var worker = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("shared", worker)), ("Queue:RequestsPerReplica", "1"), ("Queue:Length", length));
        using var leave = new CancellationTokenSource();
        using var asked = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body);
        var first = gateway.Client.SendAsync(asked, leave.Token);
        await GatewayUnderTest.UntilAsync(() => !worker.Seen.IsEmpty);
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body);
        if (patience is not null)
        {
            request.Headers.Add("x-slo-ttft-ms", patience);
        }

        using var response = await gateway.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
        response.Headers.RetryAfter.ShouldNotBeNull();
        (await EnvelopeTests.ErrorAsync(response)).GetProperty("code").GetString().ShouldBe(code);
        worker.Seen.Count.ShouldBe(1);
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
    }

    [Fact]
    public async Task An_urgent_request_goes_first_if_its_caller_may_say_so()
    {
        using var gate = new SemaphoreSlim(0);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await gate.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("shared", worker)),
            ("Queue:RequestsPerReplica", "1"), ("Queue:Objectives:urgent", "-1"), ("Queue:Objectives:batch", "5"));
        List<Task<HttpResponseMessage>> calls = [];
        string[] names = ["first", "later", "pretender", "urgent"];
        (string Key, string? Objective)[] callers = [(Plan.DeveloperKey, null), (Plan.DeveloperKey, "batch"), (Plan.DeveloperKey, "urgent"), (Plan.AdminKey, "urgent")];
        foreach (var ((key, objective), name) in callers.Zip(names))
        {
            var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", key, $$"""{"model":"shared","user":"{{name}}"}""");
            request.Headers.Add("x-gateway-inference-objective", objective ?? "");
            calls.Add(gateway.SendAsync(request));
            await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
            await WaitingAsync(gateway, calls.Count - 1);
        }

        gate.Release(4);
        foreach (var call in calls)
        {
            using var response = await call;
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        worker.Seen.Select(seen => names.Single(name => seen.Body.Contains(name, StringComparison.Ordinal))).ShouldBe(["first", "urgent", "pretender", "later"]);
    }

    [Theory]
    [InlineData("25000", "5000")]
    [InlineData("20000.4", "1")]
    [InlineData("soon", "soon")]
    public async Task The_time_in_the_queue_is_taken_off_what_the_worker_is_told_that_the_client_waits(string patience, string left)
    {
        var clock = new ManualTimeProvider();
        using var gate = new SemaphoreSlim(0);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await gate.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("shared", worker)), clock, ("Queue:RequestsPerReplica", "1"));
        var first = AskAsync();
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
        var second = AskAsync();
        await WaitingAsync(gateway, 1);
        clock.Advance(TimeSpan.FromSeconds(20));
        gate.Release(2);
        foreach (var call in (Task<HttpResponseMessage>[])[first, second])
        {
            using var response = await call;
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        worker.Seen.Select(seen => seen.Headers["x-slo-ttft-ms"]).ShouldBe([patience, left]);

        Task<HttpResponseMessage> AskAsync()
        {
            var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body);
            request.Headers.Add("x-slo-ttft-ms", patience);
            return gateway.SendAsync(request);
        }
    }

    [Fact]
    public async Task A_replica_that_comes_is_used_at_once_while_the_others_are_busy()
    {
        await using var busy = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var fresh = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("shared", busy)), ("Queue:RequestsPerReplica", "1"));
        using var leave = new CancellationTokenSource();
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body);
        var first = gateway.Client.SendAsync(request, leave.Token);
        await GatewayUnderTest.UntilAsync(() => !busy.Seen.IsEmpty);
        var second = gateway.ChatAsync(Body);
        await WaitingAsync(gateway, 1);

        await gateway.PublishAsync(Plan.Of(Plan.Deployment("shared", busy, fresh)) with { Version = 2 });
        using var response = await second;

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
    }

    [Fact]
    public async Task Clients_that_leave_while_they_wait_or_as_their_turn_comes_leave_nothing_behind()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("shared", worker)), ("Queue:RequestsPerReplica", "1"));
        var left = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 400), new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = Token }, async (_, _) =>
        {
            using var leave = new CancellationTokenSource(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 20)));
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body);
            try
            {
                using var response = await gateway.Client.SendAsync(request, leave.Token);
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref left);
            }
        });

        await WaitingAsync(gateway, 0);
        using var last = await gateway.ChatAsync(Body);

        last.StatusCode.ShouldBe(HttpStatusCode.OK);
        left.ShouldBeGreaterThan(0);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task WaitingAsync(GatewayUnderTest gateway, int count) =>
        GatewayUnderTest.UntilAsync(() => gateway.Services.GetRequiredService<CurrentRoutes>().Table?.Deployments.Values.Single().Queue.Waiting == count);

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
