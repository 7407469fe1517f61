using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Queueing;

/// <summary>FEATURES row 116, of the gateway's own queue: "200 ms injected queueing moves only the queue histogram; depth = real backlog". The worker's is in LatencySplitTests. The clock stands still but for those 200 ms.</summary>
public sealed class QueueTimeTests(PostgresFixture postgres)
{
    private const int Waiting = 3;

    [Fact]
    public async Task Two_hundred_milliseconds_in_the_queue_are_the_queues_alone_and_its_depth_is_the_backlog()
    {
        var clock = new ManualTimeProvider();
        var measured = new ConcurrentQueue<(string Name, double Value)>();
        using var gate = new SemaphoreSlim(0);
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await gate.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), clock, ledger.Setting, ("Queue:RequestsPerReplica", "1"));
        using var listener = Listen(gateway.Services.GetRequiredService<IMeterFactory>(), measured);

        // 1. One is at the replica for no time at all.
        gate.Release();
        using (var alone = await gateway.ChatAsync())
        {
            await GatewayUnderTest.TextAsync(alone);
        }

        // Its client has the text before the gateway has taken the time.
        await GatewayUnderTest.UntilAsync(() => measured.Count(one => one.Name == "gen_ai.client.operation.duration") == 1);

        // 2. One is there for 200 ms, and three wait for it so long: that is the depth that is told.
        var calls = new List<Task<HttpResponseMessage>> { gateway.ChatAsync() };
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 2);
        calls.AddRange(Enumerable.Range(0, Waiting).Select(_ => gateway.ChatAsync()));
        await GatewayUnderTest.UntilAsync(() => gateway.Services.GetRequiredService<CurrentRoutes>().Table?.Deployments.Values.Single().Queue.Waiting == Waiting);
        (await DepthAsync(gateway)).ShouldBe(Waiting);
        clock.Advance(TimeSpan.FromMilliseconds(200));
        gate.Release(1 + Waiting);
        foreach (var call in calls)
        {
            using var response = await call;
            await GatewayUnderTest.TextAsync(response);
        }

        // 3. The queue's histogram has the three; what is left of their time is nothing, and of the one at the replica all is the replica's.
        await GatewayUnderTest.UntilAsync(() => measured.Count(one => one.Name == "gen_ai.client.operation.duration") == 2 + Waiting);
        measured.Where(one => one.Name == "aifactory.gateway.replica.wait").Select(one => one.Value).ShouldBe(Enumerable.Repeat(0.2, Waiting));
        measured.Where(one => one.Name == "gen_ai.client.operation.duration").Select(one => one.Value).Order().ShouldBe([0, .. Enumerable.Repeat(0.2, 1 + Waiting)]);
        var rows = await ledger.RowsAsync(2 + Waiting);
        rows.Select(row => (row.QueuedMicros, Model: row.TotalMicros - row.QueuedMicros)).Order().ShouldBe([(0, 0), (0, 200_000), .. Enumerable.Repeat((200_000L, 0L), Waiting)]);
        (await DepthAsync(gateway)).ShouldBe(0);
    }

    private static async Task<int> DepthAsync(GatewayUnderTest gateway)
    {
        using var response = await gateway.GetAsync("/api/traffic", Plan.AdminKey);
        return JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement.GetProperty("items")[0].GetProperty("queued").GetInt32();
    }

    /// <summary>To this gateway alone: others run beside it.</summary>
    private static MeterListener Listen(IMeterFactory meters, ConcurrentQueue<(string Name, double Value)> measured)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == GatewayTelemetry.Name && instrument.Meter.Scope == meters)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured.Enqueue((instrument.Name, value)));
        listener.Start();
        return listener;
    }
}
