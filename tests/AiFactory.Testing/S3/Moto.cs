using System.Globalization;
using AiFactory.Testing.Edges;

namespace AiFactory.Testing.S3;

internal static class Moto
{
    public static async Task<Uri> StartAsync(string folder, List<ServerProcess> processes, CancellationToken cancellationToken)
    {
        var port = FreePort.Take();
        var server = ServerProcess.Start(
            Path.Combine(folder, "moto.log"), "python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture));
        processes.Add(server);
        var endpoint = new Uri($"http://127.0.0.1:{port}");
        try
        {
            await server.WaitForHttpAsync(endpoint, cancellationToken);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidOperationException(
                "No S3 server can be started: install Debian's radosgw, ceph-mon and ceph-osd (apt-get install --no-install-recommends), or moto[server] for python3.", error);
        }

        return endpoint;
    }
}
