using System.Globalization;
using AiFactory.Benchmarks.GatewayLoad.Doors;
using AiFactory.Testing.Postgres;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>How soon the upstream learns that a client has left.</summary>
internal static class GatewayLeaveBenchmark
{
    private const int Requests = 10_000;
    private const string Method =
        "10,000 requests through the built gateway, 200 at a time, each on a connection of its own; half ask for a stream of 50 chunks a second, half for an answer that never comes. Every client leaves at a random moment of its first second, half by closing its connection and half by resetting it. " +
        "Time from the client's leaving to the upstream's seeing its own connection closed. A request that the upstream never saw was given up before it was sent on.";

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-leave-").FullName;
        try
        {
            await using var upstream = await UpstreamDoor.StartAsync(folder, cancellationToken);
            var postgres = new PostgresFixture();
            await using var gateway = await GatewayDoor.StartAsync(folder, upstream, postgres, cancellationToken);
            using (var warm = new LoadClient(gateway.Target, 64))
            {
                warm.Saturate(TimeSpan.FromSeconds(6));
            }

            using var clients = new LeavingClients();
            var (began, processor) = (Reactor.Now, gateway.Process.ProcessorTime);
            clients.Run(gateway, Requests);
            var (seconds, cost) = ((Reactor.Now - began) / (double)Reactor.Second, (gateway.Process.ProcessorTime - processor) / Requests * 1e6);
            using var http = new HttpClient { BaseAddress = upstream.Address };
            await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
            var report = await http.GetStringAsync("report", cancellationToken);
            return Section(report, clients.LeftAt, Requests / seconds, cost);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="report">Lines of <c>+17 123456789</c> for a request that came and <c>-17 123456790</c> for one whose connection closed.</param>
    private static BenchmarkSection Section(string report, Dictionary<int, long> leftAt, double rate, double cost)
    {
        var (seen, closed) = (0, 0);
        var times = new LatencyHistogram();
        foreach (var line in report.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line[1..].Split(' ');
            if (line[0] == '+')
            {
                seen++;
                continue;
            }

            closed++;
            times.Add(long.Parse(parts[1], CultureInfo.InvariantCulture) - leftAt[int.Parse(parts[0], CultureInfo.InvariantCulture)]);
        }

        var bars = new LoadBars();
        bars.Tell("requests that the upstream saw", seen);
        bars.Tell("clients that came and left a second", rate);
        bars.Tell("processor time of the gateway for each", cost, "us");
        bars.Tell("p50 from leaving to cancelled", times.Quantile(0.5), "ms");
        bars.AtMost("p99 from leaving to cancelled", times.Quantile(0.99), 100, "ms");
        bars.Tell("the longest", times.Longest / 1e6, "ms");
        bars.AtMost("left open", seen - closed, 0);
        return new BenchmarkSection("gateway-leave", "Clients that leave", Method, bars.Rows) { Missed = bars.Missed };
    }
}
