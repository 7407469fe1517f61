using System.Globalization;
using AiFactory.Benchmarks.GatewayLoad;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>What the gateway's process holds at one moment.</summary>
/// <param name="Resident">MiB (VmRSS).</param>
/// <param name="Heap">MiB of managed memory after the last collection.</param>
/// <param name="Collections">Full ones since the start.</param>
internal sealed record GatewayVitals(double Resident, double Heap, int Files, int Threads, int Collections)
{
    private const double MiB = 1 << 20;

    public static async Task<GatewayVitals> ReadAsync(DoorProcess gateway, HttpClient http, CancellationToken cancellationToken)
    {
        var metrics = (await http.GetStringAsync("metrics", cancellationToken)).Split('\n');
        return new GatewayVitals(
            gateway.ResidentMemory,
            Sum(metrics, "dotnet_gc_last_collection_heap_size_bytes{") / MiB,
            gateway.OpenFiles,
            gateway.Threads,
            (int)Sum(metrics, "dotnet_gc_collections_total{", "gen2"));
    }

    private static double Sum(string[] metrics, string name, string label = "")
    {
        var rows = metrics.Where(row => row.StartsWith(name, StringComparison.Ordinal) && row.Contains(label, StringComparison.Ordinal)).ToList();
        return rows.Count > 0
            ? rows.Sum(row => double.Parse(row[(row.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The gateway's metrics have no {name}");
    }
}
