using System.Net;
using System.Net.Sockets;

namespace AiFactory.Hosting.Orchestration.Endpoints;

/// <summary>Binds one port on both loopback addresses, or on the address that an endpoint names.</summary>
internal static class LoopbackListener
{
    private const int Attempts = 50;

    /// <summary>Listening sockets that share a port. Throws SocketException (AddressAlreadyInUse) when a given port is taken.</summary>
    public static IReadOnlyList<Socket> Bind(string host, int? port)
    {
        if (port is { } given and not 0)
        {
            return BindAll(Addresses(host), given);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return BindAll(Addresses(host), 0);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < Attempts)
            {
                // The port was free on the first address only.
            }
        }
    }

    /// <summary>A port that nobody listens on at this moment.</summary>
    public static int FreePort()
    {
        var sockets = Bind("localhost", null);
        try
        {
            return ((IPEndPoint?)sockets[0].LocalEndPoint)?.Port ?? 0;
        }
        finally
        {
            Close(sockets);
        }
    }

    public static void Close(IEnumerable<Socket> sockets)
    {
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }
    }

    private static List<IPAddress> Addresses(string host)
        => host switch
        {
            "*" or "+" or "0.0.0.0" or "::" or "[::]" => Usable([IPAddress.Any, IPAddress.IPv6Any]),
            _ when IPAddress.TryParse(host, out var address) => [address],
            _ => Usable([IPAddress.Loopback, IPAddress.IPv6Loopback]),
        };

    private static List<IPAddress> Usable(IPAddress[] addresses)
        => [.. addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork || Socket.OSSupportsIPv6)];

    private static List<Socket> BindAll(List<IPAddress> addresses, int port)
    {
        var sockets = new List<Socket>();
        try
        {
            foreach (var address in addresses)
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                if (address.AddressFamily == AddressFamily.InterNetworkV6)
                {
                    socket.DualMode = false;
                }

                try
                {
                    socket.Bind(new IPEndPoint(address, port));
                    socket.Listen(512);
                    sockets.Add(socket);
                    port = ((IPEndPoint?)socket.LocalEndPoint)?.Port ?? port;
                }
                catch (SocketException exception) when (sockets.Count > 0 && exception.SocketErrorCode == SocketError.AddressNotAvailable)
                {
                    // IPv6 is compiled in but switched off.
                    socket.Dispose();
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            }

            return sockets;
        }
        catch
        {
            Close(sockets);
            throw;
        }
    }
}
