using System.Net.Http.Headers;
using System.Text.Json;
using AiFactory.Benchmarks.GatewayLoad.Doors;
using AiFactory.Testing.Postgres;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>FEATURES row 116: whether what the gateway says of its times is what a load tool measures.</summary>
internal static class GatewayLatencyBenchmark
{
    private const int Connections = 64;
    private const double Rate = 200;

    /// <summary>By how much the two may differ, in percent.</summary>
    private const double Bar = 5;

    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(30);

    private static string Method =>
        $"Chat completions through the built gateway, {Rate:0} a second for {Turn.TotalSeconds:0} s after {Warmup.TotalSeconds:0} s to warm up, at even distances whatever the answers do, over {Connections} kept-alive connections; the upstream takes 20 ms and more (20 ms / sqrt(1 - u) for a random u, 2 s at most). "
        + "The load tool's times are from the moment at which a request was due to its answer's last byte, the gateway's own are those that `GET /api/traffic` counts, which the console shows.";

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-latency-").FullName;
        try
        {
            await using var upstream = new SpreadUpstream();
            await upstream.StartAsync();
            var postgres = new PostgresFixture();
            await using var gateway = await GatewayDoor.StartAsync(folder, upstream.Address, postgres, cancellationToken);
            using var client = new LoadClient(gateway.Target, Connections);
            var warm = client.Send(Rate, Warmup);
            var (_, before) = await ReadAsync(gateway, warm.Count, cancellationToken);
            var tool = client.Send(Rate, Turn);
            var (bounds, after) = await ReadAsync(gateway, warm.Count + tool.Count, cancellationToken);
            var own = after.Select((count, part) => count - before.ElementAtOrDefault(part)).ToArray();

            var bars = new LoadBars();
            bars.Tell("requests", tool.Count);
            foreach (var share in new[] { 0.5, 0.95, 0.99 })
            {
                var (theirs, ours) = (tool.Quantile(share), Percentile(own, bounds, share) * 1000);
                bars.Tell($"p{share * 100:0}, load tool", theirs, "ms");
                bars.Tell($"p{share * 100:0}, gateway", ours, "ms");
                bars.AtMost($"p{share * 100:0}, difference", Math.Abs((ours / theirs) - 1) * 100, Bar, "%");
            }

            return new BenchmarkSection("gateway-latency", "The gateway's own times beside a load tool's", Method, bars.Rows) { Missed = bars.Missed };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>How many answers came in each of the bounds, once there are so many: an answer is counted when its last byte is out.</summary>
    private static async Task<(double[] Bounds, long[] Counts)> ReadAsync(Door gateway, long answers, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = gateway.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", GatewayDoor.Key);
        while (true)
        {
            using var seen = JsonDocument.Parse(await http.GetStringAsync("api/traffic", cancellationToken));
            var counts = seen.RootElement.GetProperty("items")[0].GetProperty("whole").Deserialize<long[]>() ?? [];
            if (counts.Sum() >= answers)
            {
                return (seen.RootElement.GetProperty("latencyBounds").Deserialize<double[]>() ?? [], counts);
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>As the console reads it: between the two bounds of the part that it lies in.</summary>
    private static double Percentile(long[] counts, double[] bounds, double share)
    {
        var (left, part) = (share * counts.Sum(), 0);
        for (; counts[part] < left; part++)
        {
            left -= counts[part];
        }

        var from = part == 0 ? 0 : bounds[part - 1];
        return from + ((bounds[part] - from) * left / counts[part]);
    }
}
