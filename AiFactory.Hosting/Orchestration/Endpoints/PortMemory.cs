using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration.Endpoints;

/// <summary>
/// Which port each replica listened on last, in this run or the one before: callers that keep its address (the gateway keeps the workers')
/// find it there again. In the data folder's <c>ports.json</c>: <code>{ "worker/0/http": 23817, "worker/1/http": 20411 }</code>
/// </summary>
internal sealed class PortMemory(AppHostDirectories directories, ILogger<PortMemory> logger)
{
    // Below 32768, where Linux begins to take the ports of outgoing connections: one of those could hold the port while its replica is down.
    private const int First = 20_000;
    private const int Last = 29_999;
    private const int Attempts = 100;

    private readonly string _file = Path.Combine(directories.Data, "ports.json");
    private readonly Lock _lock = new();
    private Dictionary<string, int>? _ports;

    /// <summary>The port that this endpoint of this replica had before, unless someone else has it now.</summary>
    public int Choose(IResource resource, int replica, EndpointAnnotation endpoint) => Choose($"{resource.Name}/{replica}/{endpoint.Name}");

    private int Choose(string name)
    {
        lock (_lock)
        {
            var ports = _ports ??= Read();
            if (ports.TryGetValue(name, out var known) && IsFree(known))
            {
                return known;
            }

            var port = Unused_NeedsLock(ports);
            ports[name] = port;
            Write(ports);
            return port;
        }
    }

    private static int Unused_NeedsLock(Dictionary<string, int> ports)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last + 1);
            if (!ports.ContainsValue(port) && IsFree(port))
            {
                return port;
            }
        }

        return LoopbackListener.FreePort();
    }

    private static bool IsFree(int port)
    {
        try
        {
            LoopbackListener.Close(LoopbackListener.Bind("localhost", port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Dictionary<string, int> Read()
    {
        try
        {
            using var stream = File.OpenRead(_file);
            var ports = JsonSerializer.Deserialize<Dictionary<string, int>>(stream) ?? [];

            // Nobody writes there but this class; a port that stands twice, or is none, is not worth a fault.
            return ports.Where(p => p.Value is > 1023 and <= 65_535).DistinctBy(p => p.Value).ToDictionary();
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            PortMemoryLog.CannotRead(logger, _file, exception.Message);
            return [];
        }
    }

    private void Write(Dictionary<string, int> ports)
    {
        try
        {
            Directory.CreateDirectory(directories.Data);
            var unfinished = _file + ".new";
            File.WriteAllText(unfinished, JsonSerializer.Serialize(ports));
            File.Move(unfinished, _file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The replica runs all the same; after the next start of the AppHost it may listen elsewhere.
            PortMemoryLog.CannotWrite(logger, _file, exception.Message);
        }
    }
}
