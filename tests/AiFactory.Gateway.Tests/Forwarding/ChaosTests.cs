using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class ChaosTests
{
    private const string StreamBody = """{"model":"demo-chat","stream":true,"messages":[]}""";
    private static readonly string Whole = FakeWorker.Chunk("one") + FakeWorker.Chunk("two") + "data: [DONE]\n\n";

    [Fact]
    public async Task No_request_fails_before_its_first_token_while_one_replica_is_healthy()
    {
        // 1. One replica of every kind that goes wrong, at random or always, and one that is well.
        await using var healthy = await FakeWorker.StartedAsync(AnswerAsync);
        await using var killed = await FakeWorker.StartedAsync(AnswerAsync);
        await using var hung = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var slow = await FakeWorker.StartedAsync(async context =>
        {
            await Task.Delay(Random.Shared.Next(50), context.RequestAborted);
            await AnswerAsync(context);
        });
        await using var failing = await FakeWorker.StartedAsync(context =>
            Random.Shared.Next(2) == 0 ? FakeWorker.WriteJsonAsync(context, "{}", Random.Shared.GetItems([429, 502, 503, 504], 1)[0]) : AnswerAsync(context));
        await using var erring = await FakeWorker.StartedAsync(context =>
            Random.Shared.Next(2) == 0 ? FakeWorker.WriteEventAsync(context, "data: {\"error\":{\"message\":\"no\"}}\n\n") : AnswerAsync(context));
        await using var resetting = await FakeWorker.StartedAsync(async context =>
        {
            var after = Random.Shared.Next(3);
            if (after > 0)
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
            }

            if (after == 2)
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("two") + "data: [DONE]\n\n");
                return;
            }

            context.Abort();
        });
        using var garbage = new GarbageServer();
        var plan = Plan.Chat(healthy, killed, hung, slow, failing, erring, resetting);
        plan = plan with { Deployments = [plan.Deployments[0] with { Replicas = [.. plan.Deployments[0].Replicas, new ReplicaRoute("garbage", garbage.Address)] }] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ("Forwarding:FirstTokenTimeout", "00:00:01"), ("Forwarding:ConnectTimeout", "00:00:01"));

        // 2. Load, and one dies in the middle of it.
        var wrong = new ConcurrentQueue<string>();
        var done = 0;
        await Parallel.ForAsync(0, 1500, new ParallelOptions { MaxDegreeOfParallelism = 24, CancellationToken = TestContext.Current.CancellationToken }, async (_, _) =>
        {
            if (Interlocked.Increment(ref done) == 400)
            {
                await killed.KillAsync();
            }

            using var response = await gateway.ChatAsync(StreamBody);
            var text = await GatewayUnderTest.TextAsync(response);
            var begun = text.StartsWith(FakeWorker.Chunk("one"), StringComparison.Ordinal);
            if (response.StatusCode != HttpStatusCode.OK || !begun || (text != Whole && !text.Contains("upstream_failed")))
            {
                wrong.Enqueue($"{response.StatusCode} {text}");
            }
        });

        wrong.ShouldBeEmpty();
        resetting.Seen.ShouldNotBeEmpty();
        garbage.Answered.ShouldBeGreaterThan(0);
        hung.Seen.Count.ShouldBeLessThan(100, "it is set aside");
    }

    [Fact]
    public async Task Each_of_a_thousand_clients_that_leave_is_seen_to_leave_by_the_replica()
    {
        const int clients = 1000;
        var (arrived, left) = (0, 0);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            Interlocked.Increment(ref arrived);
            context.RequestAborted.Register(() => Interlocked.Increment(ref left));
            if (Random.Shared.Next(2) == 0)
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var leave = new CancellationTokenSource();

        var calls = Enumerable.Range(0, clients).Select(async _ =>
        {
            using var response = await gateway.Client.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: StreamBody), leave.Token);
        }).ToArray();
        await GatewayUnderTest.UntilAsync(() => Volatile.Read(ref arrived) == clients);
        await leave.CancelAsync();

        await GatewayUnderTest.UntilAsync(() => Volatile.Read(ref left) == clients);
        foreach (var call in calls)
        {
            await Should.ThrowAsync<OperationCanceledException>(call);
        }
    }

    private static Task AnswerAsync(HttpContext context) => FakeWorker.WriteEventAsync(context, Whole);

    /// <summary>Speaks no HTTP.</summary>
    private sealed class GarbageServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private int _answered;

        public GarbageServer()
        {
            _listener.Start();
            _ = ServeAsync();
        }

        public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public int Answered => Volatile.Read(ref _answered);

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    _ = AnswerAsync(await _listener.AcceptSocketAsync());
                }
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task AnswerAsync(Socket accepted)
        {
            using var socket = accepted;
            await socket.ReceiveAsync(new byte[4096]);
            await socket.SendAsync("\u0001\u0002 this is no answer\r\n\r\n"u8.ToArray());
            Interlocked.Increment(ref _answered);
        }
    }
}
