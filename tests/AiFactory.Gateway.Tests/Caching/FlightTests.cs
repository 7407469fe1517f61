using System.Net;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Caching;

/// <summary>Equal requests at the same time.</summary>
public sealed class FlightTests
{
    private const string Body = """{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}]}""";

    [Fact]
    public async Task Equal_requests_at_once_ask_the_worker_once_whether_they_stream_or_not()
    {
        var go = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await go.Task;
            await ResponseCacheTests.AnswerAsync(context, "Hello");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(ResponseCacheTests.Of(worker));

        var leader = gateway.ChatAsync(Body);
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
        var followers = Enumerable.Range(0, 20).Select(i => gateway.ChatAsync(i % 2 == 0 ? Body : Body.Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal))).ToArray();
        // All are in the gateway when it has answered one that came after them.
        using var another = await gateway.GetAsync("/v1/models");
        go.SetResult();

        using var led = await leader;
        ResponseCacheTests.Mark(led).ShouldBe("miss");
        foreach (var follower in followers)
        {
            using var response = await follower;
            ResponseCacheTests.Mark(response).ShouldBe("hit");
            (await GatewayUnderTest.TextAsync(response)).ShouldContain("Hello");
        }

        worker.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task When_the_first_ones_client_leaves_the_next_asks_in_its_place()
    {
        var asked = 0;
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await ResponseCacheTests.AnswerAsync(context, "Hello");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(ResponseCacheTests.Of(worker));
        using var leaves = new CancellationTokenSource();

        var leader = gateway.Client.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body), leaves.Token);
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
        var followers = Enumerable.Range(0, 8).Select(_ => gateway.ChatAsync(Body)).ToArray();
        using var another = await gateway.GetAsync("/v1/models");
        await leaves.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => leader);
        var marks = new List<string>();
        foreach (var follower in followers)
        {
            using var response = await follower;
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            marks.Add(ResponseCacheTests.Mark(response));
        }

        worker.Seen.Count.ShouldBe(2);
        marks.Count(mark => mark == "miss").ShouldBe(1);
        marks.Count(mark => mark == "hit").ShouldBe(7);
    }

    [Fact]
    public async Task When_the_first_fails_each_of_the_others_asks_for_itself()
    {
        var go = new TaskCompletionSource();
        var asked = 0;
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                await go.Task;
                await FakeWorker.WriteJsonAsync(context, """{"error":{"message":"no","type":"server_error"}}""", 500);
                return;
            }

            await ResponseCacheTests.AnswerAsync(context, "Hello");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(ResponseCacheTests.Of(worker));

        var leader = gateway.ChatAsync(Body);
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
        var follower = gateway.ChatAsync(Body);
        using var another = await gateway.GetAsync("/v1/models");
        go.SetResult();

        using var failed = await leader;
        using var answered = await follower;
        failed.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_wait_is_bounded()
    {
        var go = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await go.Task;
            await ResponseCacheTests.AnswerAsync(context, "Hello");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(ResponseCacheTests.Of(worker), ("Caching:FlightWait", "00:00:00.050"));

        var leader = gateway.ChatAsync(Body);
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
        var follower = gateway.ChatAsync(Body);
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 2);
        go.SetResult();

        (await leader).Dispose();
        (await follower).Dispose();
    }
}
