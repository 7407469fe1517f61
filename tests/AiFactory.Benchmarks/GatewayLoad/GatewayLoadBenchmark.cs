using AiFactory.Benchmarks.GatewayLoad.Doors;
using AiFactory.Testing.Postgres;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>What the gateway costs beside nginx as a bare proxy and beside npm's gateway: the same upstream, requests and client, in turn, in one run.</summary>
internal static class GatewayLoadBenchmark
{
    private const int Connections = 64;
    private const int Rounds = 5;
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(4);

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-load-").FullName;
        try
        {
            await using var upstream = await UpstreamDoor.StartAsync(folder, cancellationToken);
            var postgres = new PostgresFixture();
            await using var gateway = await GatewayDoor.StartAsync(folder, upstream, postgres, cancellationToken);
            await using var nginx = await NginxDoor.StartAsync(folder, upstream, cancellationToken);
            await using var portkey = await PortkeyDoor.StartAsync(folder, upstream, cancellationToken);
            var bars = new LoadBars();
            await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
            bars.AtMost("idle memory of the gateway (VmRSS)", gateway.Process.ResidentMemory, 120, "MiB");
            var saturation = await SaturateAsync(bars, upstream, gateway, nginx, portkey, cancellationToken);
            MeasureLatency(bars, saturation / 2, upstream, gateway, nginx);
            bars.Tell("memory of the gateway after that (VmRSS)", gateway.Process.ResidentMemory, "MiB");
            bars.Tell("usage records in the database by then", await GatewayDoor.DeliveredAsync(gateway, cancellationToken));
            return new BenchmarkSection("gateway-load", "The gateway under load", Method, bars.Rows) { Missed = bars.Missed };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Method =>
        $"Chat completions of 300 bytes, answered by an upstream that takes no time (one thread, in a process of its own), through the built gateway (a process; keys, metrics, tracing at 1 % to an OTLP endpoint, a log line and a usage record for each request), nginx as a bare proxy and npm's gateway, all on one machine whose cores they share with the gateway's Postgres and the load generator (one thread, {Connections} kept-alive connections). " +
        $"Throughput: each connection sends when it has its answer, {Turn.TotalSeconds:0} s each in turn, medians of {Rounds} rounds after {Warmup.TotalSeconds:0} s to warm up. Processor time is that of the door alone. " +
        "Latency: at half of the gateway's own saturation, requests at even distances whatever the answers do, times from the moment at which a request was due (corrected for coordinated omission), in turn, medians of the rounds; added is the difference to the upstream called directly in the same round. " +
        "Allocation: bytes that the gateway's runtime counts, through all rounds of throughput, by requests.";

    private static async Task<double> SaturateAsync(LoadBars bars, Door upstream, Door gateway, Door nginx, Door? portkey, CancellationToken cancellationToken)
    {
        Door[] doors = portkey is null ? [upstream, nginx, gateway] : [upstream, nginx, gateway, portkey];
        var rates = doors.ToDictionary(door => door, _ => new List<double>());
        var costs = doors.ToDictionary(door => door, _ => new List<double>());
        var (allocated, requests) = (0.0, 0.0);
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var door in doors)
            {
                using var client = new LoadClient(door.Target, Connections);
                var (bytes, processor) = (await GatewayDoor.AllocatedAsync(gateway, cancellationToken), door.Process.ProcessorTime);
                var time = round < 0 ? Warmup : Turn;
                var rate = client.Saturate(time);
                if (round < 0)
                {
                    continue;
                }

                rates[door].Add(rate);
                costs[door].Add((door.Process.ProcessorTime - processor) / (rate * time.TotalSeconds) * 1e6);
                if (door == gateway)
                {
                    allocated += await GatewayDoor.AllocatedAsync(gateway, cancellationToken) - bytes;
                    requests += rate * time.TotalSeconds;
                }
            }
        }

        foreach (var door in doors)
        {
            bars.Tell($"requests/s, {door.Target.Name}", LoadBars.Median(rates[door]));
            bars.Tell($"processor time for a request, {door.Target.Name}", LoadBars.Median(costs[door]), "us");
        }

        var own = LoadBars.Median(rates[gateway]);
        bars.AtLeast("requests/s, of nginx's", own / LoadBars.Median(rates[nginx]), 0.5);
        if (portkey is null)
        {
            bars.Tell("requests/s, times @portkey-ai/gateway's", "npm could not install it here");
        }
        else
        {
            bars.AtLeast("requests/s, times @portkey-ai/gateway's", own / LoadBars.Median(rates[portkey]), 5);
        }

        bars.AtMost("allocation for a request", allocated / requests / 1024, 8, "KiB");
        return own;
    }

    private static void MeasureLatency(LoadBars bars, double rate, Door upstream, Door gateway, Door nginx)
    {
        Door[] doors = [upstream, nginx, gateway];
        var times = doors.ToDictionary(door => door, _ => new List<LatencyHistogram>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var door in doors)
            {
                using var client = new LoadClient(door.Target, Connections);
                client.Send(rate, TimeSpan.FromSeconds(1));
                times[door].Add(client.Send(rate, Turn));
            }
        }

        bars.Tell("half of the gateway's saturation, requests/s", rate);
        foreach (var door in doors)
        {
            bars.Tell($"p50, {door.Target.Name}", LoadBars.Median(times[door].Select(round => round.Quantile(0.5))), "ms");
            bars.Tell($"p99, {door.Target.Name}", LoadBars.Median(times[door].Select(round => round.Quantile(0.99))), "ms");
        }

        bars.Tell("p50 added by nginx", Added(nginx, 0.5), "ms");
        bars.Tell("p99 added by nginx", Added(nginx, 0.99), "ms");
        bars.AtMost("p50 added by the gateway", Added(gateway, 0.5), 0.3, "ms");
        bars.AtMost("p99 added by the gateway", Added(gateway, 0.99), 1, "ms");

        double Added(Door door, double share) =>
            LoadBars.Median(times[door].Zip(times[upstream], (through, direct) => through.Quantile(share) - direct.Quantile(share)));
    }
}
