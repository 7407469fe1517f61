using System.Globalization;
using AiFactory.Benchmarks.GatewayLoad.Doors;
using AiFactory.Testing.Postgres;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>Many streams through one gateway: how late their chunks come, whether all end well, and what they weigh.</summary>
internal static class GatewayStreamsBenchmark
{
    private const int Wanted = 10_000;
    private const double MostAdded = 5;

    /// <summary>Milliseconds: 20 chunks a second, as a model writes them; one a second, where a machine cannot carry that many.</summary>
    private const int Fast = 50;
    private const int Slow = 1000;

    /// <summary>Of the chunks that should come, so many must, or the streams were not sustained.</summary>
    private const double Sustained = 0.98;

    private static readonly int[] FastFleets = [500, 1000, 1500, 2000, 3000, 4000, 6000, 9800];
    /// <summary>A gateway that has just started compiles its code anew for half a minute, for which its chunks are late.</summary>
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(6);

    private static string Method =>
        "Server-sent events through the built gateway, everything on, from an upstream that takes no time (one thread, one write for each chunk); each event of 200 bytes bears the moment of its sending. The client (one thread), the upstream and the door share the machine's cores. " +
        $"Chunks of {1000 / Fast} a second on more and more streams, until one fails, under {Sustained:P0} of the chunks come, or the door adds over {MostAdded} ms to the p99 between two chunks of a stream, through nginx as a bare proxy and through the gateway in turn; then as many streams as the machine's limit of open files allows (two for each in the gateway), a chunk a second each. Before that {FastFleets[0]} for {Warmup.TotalSeconds:0} s, as code that has just started is compiled anew meanwhile. Each fleet is opened, left alone for {Settle.TotalSeconds:0} s and watched for {Window.TotalSeconds:0} s; added is the difference to the same fleet at the upstream itself. Transit is from a chunk's sending to its reading.";

    public static async Task<BenchmarkSection> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-streams-").FullName;
        try
        {
            await using var upstream = await UpstreamDoor.StartAsync(folder, cancellationToken);
            await using var nginx = await NginxDoor.StartAsync(folder, upstream, cancellationToken);
            var postgres = new PostgresFixture();
            await using var gateway = await GatewayDoor.StartAsync(folder, upstream, postgres, cancellationToken);
            var bars = new LoadBars();
            await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
            bars.AtMost("idle memory of the gateway (VmRSS)", gateway.Process.ResidentMemory, 120, "MiB");
            StreamFleet.Run(gateway, upstream, FastFleets[0], Fast, Settle, Warmup);
            GrowFast(bars, upstream, nginx, gateway);
            OpenMany(bars, upstream, gateway);
            return new BenchmarkSection("gateway-streams", "Streams through the gateway", Method, bars.Rows) { Missed = bars.Missed };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void GrowFast(LoadBars bars, Door upstream, Door nginx, Door gateway)
    {
        var most = new Dictionary<Door, int> { [nginx] = 0, [gateway] = 0 };
        var left = new List<Door> { nginx, gateway };
        foreach (var streams in FastFleets)
        {
            var direct = StreamFleet.Run(upstream, upstream, streams, Fast, Settle, Window);
            Tell(bars, upstream, direct);
            foreach (var door in left.ToList())
            {
                var through = StreamFleet.Run(door, upstream, streams, Fast, Settle, Window);
                Tell(bars, door, through);
                var added = through.Gaps.Quantile(0.99) - direct.Gaps.Quantile(0.99);
                bars.Tell($"{streams} streams, {door.Target.Name}: added p99 between chunks", added, "ms");
                if (through.Failed > 0 || added > MostAdded || through.Rate < Sustained * streams * 1000 / Fast)
                {
                    bars.Tell($"{streams} streams, {door.Target.Name}: not sustained; failed", through.Failed);
                    left.Remove(door);
                }
                else
                {
                    most[door] = streams;
                }
            }

            if (left.Count == 0)
            {
                break;
            }
        }

        bars.Tell($"streams of {1000 / Fast} chunks/s for which p99 between chunks grows by at most {MostAdded} ms, nginx", most[nginx]);
        bars.AtLeast($"streams of {1000 / Fast} chunks/s for which p99 between chunks grows by at most {MostAdded} ms, gateway", most[gateway], Wanted);
    }

    private static void Tell(LoadBars bars, Door door, StreamFigures figures)
    {
        bars.Tell($"{figures.Streams} streams, {door.Target.Name}: chunks/s; processor time for each", $"{figures.Rate:0}; {figures.Processor.ToString("0.0", CultureInfo.InvariantCulture)} us");
        bars.Tell(
            $"{figures.Streams} streams, {door.Target.Name}: p99 between chunks; p50 and p99 of transit",
            Milliseconds(figures.Gaps.Quantile(0.99), figures.Transits.Quantile(0.5), figures.Transits.Quantile(0.99)));
    }

    private static void OpenMany(LoadBars bars, Door upstream, Door gateway)
    {
        var streams = Math.Min(Wanted, (OpenFiles() - 400) / 2);
        var direct = StreamFleet.Run(upstream, upstream, streams, Slow, Settle, Window);
        var through = StreamFleet.Run(gateway, upstream, streams, Slow, Settle, Window);
        bars.AtMost($"{streams} streams of a chunk a second: failed", through.Failed, 0);
        bars.Tell($"{streams} streams: chunks/s, direct; through the gateway", $"{direct.Rate:0}; {through.Rate:0}");
        bars.AtMost($"{streams} streams: added p99 between chunks", through.Gaps.Quantile(0.99) - direct.Gaps.Quantile(0.99), MostAdded, "ms");
        bars.Tell($"{streams} streams: p50 and p99 of transit, direct; through", $"{Milliseconds(direct.Transits.Quantile(0.5), direct.Transits.Quantile(0.99))}; {Milliseconds(through.Transits.Quantile(0.5), through.Transits.Quantile(0.99))}");
        bars.AtMost($"{streams} streams: memory of the gateway (VmRSS)", through.Memory, 600, "MiB");
    }

    /// <summary>That one process may have: <c>Max open files  1024  524288  files</c>.</summary>
    private static int OpenFiles()
    {
        var line = File.ReadLines("/proc/self/limits").First(row => row.StartsWith("Max open files", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], CultureInfo.InvariantCulture);
    }

    private static string Milliseconds(params double[] times) => string.Join("; ", times.Select(time => time.ToString("0.00", CultureInfo.InvariantCulture))) + " ms";
}
