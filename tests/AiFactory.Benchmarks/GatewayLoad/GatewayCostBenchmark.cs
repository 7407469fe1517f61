using AiFactory.Benchmarks.GatewayLoad.Doors;
using AiFactory.Testing.Postgres;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>What a request costs the gateway itself, in half a minute: processor time, bytes and the collector's pauses, which neighbours on the machine touch less than its throughput.</summary>
internal static class GatewayCostBenchmark
{
    private const int Connections = 64;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(8);

    private static string Method =>
        $"The load of gateway-load (there is how it is made) on the gateway alone: {Warmup.TotalSeconds:0} s to warm up, {Turn.TotalSeconds:0} s as fast as it answers, then as long at half of that rate. Processor time is the gateway's own; collections and pauses are of the second part.";

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-cost-").FullName;
        try
        {
            await using var upstream = await UpstreamDoor.StartAsync(folder, cancellationToken);
            var postgres = new PostgresFixture();
            await using var gateway = await GatewayDoor.StartAsync(folder, upstream, postgres, cancellationToken);
            var bars = new LoadBars();
            await Task.Delay(Idle, cancellationToken);
            bars.AtMost("idle memory of the gateway (VmRSS)", gateway.Process.ResidentMemory, 120, "MiB");
            using var client = new LoadClient(gateway.Target, Connections);
            client.Saturate(Warmup);
            var (bytes, processor) = (await GatewayDoor.AllocatedAsync(gateway, cancellationToken), gateway.Process.ProcessorTime);
            var rate = client.Saturate(Turn);
            var requests = rate * Turn.TotalSeconds;
            processor = gateway.Process.ProcessorTime - processor;
            bytes = await GatewayDoor.AllocatedAsync(gateway, cancellationToken) - bytes;
            bars.Tell("requests/s", rate);
            bars.Tell("processor time for a request", processor / requests * 1e6, "us");
            bars.AtMost("allocation for a request", bytes / requests / 1024, 8, "KiB");

            var (collections, pauses) = await CollectorAsync(gateway, cancellationToken);
            processor = gateway.Process.ProcessorTime;
            var times = client.Send(rate / 2, Turn);
            processor = gateway.Process.ProcessorTime - processor;
            var (collectionsThen, pausesThen) = await CollectorAsync(gateway, cancellationToken);
            bars.Tell("at half of that rate: processor time for a request", processor / times.Count * 1e6, "us");
            bars.Tell("at half of that rate: p50, p99, the longest", $"{times.Quantile(0.5):0.00}, {times.Quantile(0.99):0.00}, {times.Longest / 1e6:0.00} ms");
            bars.Tell("at half of that rate: collections a second", (collectionsThen - collections) / Turn.TotalSeconds);
            bars.Tell("at half of that rate: pauses in all", (pausesThen - pauses) * 1e3, "ms");
            bars.Tell("memory of the gateway after that (VmRSS)", gateway.Process.ResidentMemory, "MiB");
            return new BenchmarkSection("gateway-cost", "What a request costs the gateway", Method, bars.Rows) { Missed = bars.Missed };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Collections, double PauseSeconds)> CollectorAsync(Door gateway, CancellationToken cancellationToken) =>
        (await GatewayDoor.MetricAsync(gateway, "dotnet_gc_collections_total", cancellationToken), await GatewayDoor.MetricAsync(gateway, "dotnet_gc_pause_time_seconds_total", cancellationToken));
}
