using System.Net;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.OpenAI;

namespace AiFactory.Gateway.Tests.Queueing;

public sealed class RequestQueueTests
{
    private const string Body = """{"model":"shared","messages":[]}""";

    [Fact]
    public async Task A_replica_gets_no_more_than_its_part_and_one_projects_flood_does_not_hold_up_another()
    {
        var (running, most) = (0, 0);
        var gate = new SemaphoreSlim(0);
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
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 2);
        var other = gateway.ChatAsync(Body, Plan.OtherKey);
        await Task.WhenAny(other, Task.Delay(200, TestContext.Current.CancellationToken));
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
        var first = gateway.Client.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body), leave.Token);
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

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
