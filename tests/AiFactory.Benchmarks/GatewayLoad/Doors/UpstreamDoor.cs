using AiFactory.Benchmarks.GatewayLoad.Upstream;
using AiFactory.Testing.Edges;

namespace AiFactory.Benchmarks.GatewayLoad.Doors;

/// <summary>The instant upstream itself, without anything before it.</summary>
internal static class UpstreamDoor
{
    public static async Task<Door> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var port = FreePort.Take();
        var process = await DoorProcess.StartAsync(
            Path.Combine(folder, "upstream.log"),
            ["dotnet", Path.Combine(AppContext.BaseDirectory, "AiFactory.Benchmarks.dll"), InstantUpstream.Command, $"{port}"],
            new Dictionary<string, string> { ["DOTNET_gcServer"] = "0", ["DOTNET_TieredPGO"] = "0", ["DOTNET_TC_QuickJitForLoops"] = "0" },
            new Uri($"http://127.0.0.1:{port}/ready"),
            cancellationToken);
        return new Door(new LoadTarget("upstream called directly", port, GatewayDoor.Model, []), process);
    }
}
