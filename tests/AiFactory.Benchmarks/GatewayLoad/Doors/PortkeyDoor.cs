using System.Diagnostics;
using AiFactory.Testing.Edges;

namespace AiFactory.Benchmarks.GatewayLoad.Doors;

/// <summary>npm's <c>@portkey-ai/gateway</c>, installed once in the user's cache.</summary>
internal static class PortkeyDoor
{
    private const string Version = "1.15.2";

    /// <returns>Null when it cannot be had here.</returns>
    public static async Task<Door?> StartAsync(string folder, Door upstream, CancellationToken cancellationToken)
    {
        var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "aifactory", "benchmarks", $"portkey-{Version}");
        var program = Path.Combine(cache, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js");
        if (!File.Exists(program) && !await InstallAsync(cache, cancellationToken))
        {
            return null;
        }

        var port = FreePort.Take();
        var process = await DoorProcess.StartAsync(
            Path.Combine(folder, "portkey.log"),
            ["node", program, "--headless", $"--port={port}"],
            new Dictionary<string, string> { ["NODE_ENV"] = "production" },
            new Uri($"http://127.0.0.1:{port}/"),
            cancellationToken);
        return new Door(
            new LoadTarget("@portkey-ai/gateway", port, GatewayDoor.Model,
            [
                ("Authorization", "Bearer benchmark"),
                ("x-portkey-provider", "openai"),
                ("x-portkey-custom-host", $"http://127.0.0.1:{upstream.Target.Port}/v1"),
            ]),
            process);
    }

    private static async Task<bool> InstallAsync(string cache, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(cache);
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--prefix", cache, $"@portkey-ai/gateway@{Version}", "--ignore-scripts", "--no-audit", "--no-fund"]))
                ?? throw new InvalidOperationException("npm did not start.");
            await npm.WaitForExitAsync(cancellationToken);
            return npm.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
