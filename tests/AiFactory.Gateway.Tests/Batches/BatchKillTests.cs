using System.Collections.Concurrent;
using AiFactory.Contracts;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Batches;

/// <summary>Two gateways as processes of their own, with one database and one object storage.</summary>
public sealed class BatchKillTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Requests = 300;
    private const int PerGateway = 8;

    [Fact]
    public async Task Two_gateways_share_a_batch_and_killed_in_the_middle_of_it_they_leave_each_request_one_line()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        var (asked, by) = (new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<string, int>());
        var (together, middle) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            var seen = asked.AddOrUpdate(context.Request.Headers["x-request-id"].ToString(), 1, (_, count) => count + 1);
            by.AddOrUpdate(context.Request.Headers[WireHeaders.Objective].ToString(), 1, (_, count) => count + 1);

            // 1. Both work at it at once, each as much as it may.
            if (by.Values.Count(count => count >= PerGateway) == 2)
            {
                together.TrySetResult();
            }

            await together.Task.WaitAsync(context.RequestAborted);

            // 2. A hundred are answered; then requests are under way until the gateways are gone.
            if (asked.Count > 100 && seen == 1)
            {
                await middle.Task.WaitAsync(context.RequestAborted);
            }

            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var library = await FakeLibrary.StartedAsync(Plan.Chat(worker).Snapshot());
        await using var one = Process(bench, library, "one");
        await using var two = Process(bench, library, "two");
        await Task.WhenAll(one.StartAsync(), two.StartAsync());
        var client = new WorkClient(one.Client);
        await FilesAreThereAsync(client);

        var id = await client.BatchAsync(Enumerable.Range(0, Requests).Select(i => WorkClient.Line($"request-{i}", $$"""{"model":"demo-chat","n":{{i}}}""")));
        await together.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await GatewayUnderTest.UntilAsync(() => asked.Count >= 100 + (2 * PerGateway));

        // 3. Both die with requests under way; the first is started again and goes on alone.
        var before = await client.UntilAsync(id, batch => (int?)batch["request_counts"]?["completed"] is > 0 and < Requests);
        one.Kill();
        two.Kill();
        await one.StartAsync();
        middle.TrySetResult();

        var ended = await client.UntilAsync(id, "completed");
        ended["request_counts"]?.ToJsonString().ShouldBe($$"""{"total":{{Requests}},"completed":{{Requests}},"failed":0}""");
        var lines = await client.LinesAsync(ended, "output_file_id");
        lines.Select(line => WorkClient.Text(line, "custom_id")).ShouldBe(Enumerable.Range(0, Requests).Select(i => $"request-{i}"));
        (await client.LinesAsync(ended, "error_file_id")).ShouldBeEmpty();

        // 4. What was under way was asked again, and not the rest with it: a gateway that a slow machine holds up for longer than its lease may add a few.
        asked.Count.ShouldBe(Requests);
        var twice = asked.Values.Count(count => count > 1);
        twice.ShouldBeInRange(1, Requests / 3);
        by.Keys.Order().ShouldBe(["one", "two"]);
        output.WriteLine($"{WorkClient.Text(before, "request_counts.completed")} of {Requests} done when both were killed; {twice} asked twice; by gateway: {string.Join(", ", by)}");
    }

    private static GatewayProcess Process(WorkBench bench, FakeLibrary library, string name) => new(
        library, [.. bench.Settings, ("Batches:Objective", name), ("Batches:Concurrency", $"{PerGateway}"), ("Batches:RequestsPerBatch", $"{2 * PerGateway}"), ("Batches:Lease", "00:00:02"), ("Probes:Interval", "00:10:00")]);

    /// <summary>A gateway is ready before its database has its tables.</summary>
    private static async Task FilesAreThereAsync(WorkClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await client.GetAsync("/v1/files")).Status != StatusCodes.Status200OK)
        {
            limit.IsCancellationRequested.ShouldBeFalse("the database should have come");
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }
}
