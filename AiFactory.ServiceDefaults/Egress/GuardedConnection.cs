using System.Net;
using System.Net.Sockets;

namespace AiFactory.ServiceDefaults.Egress;

/// <summary>Connects a <see cref="SocketsHttpHandler"/> to hosts out of the site. What a name stands for is looked at when the connection is made: a name that was harmless when it was allowed may stand for this machine now.</summary>
public static class GuardedConnection
{
    /// <exception cref="ClosedAddressException">The name stands for nothing but <see cref="ClosedAddresses"/>.</exception>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var number) ? [number] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var open = Array.FindAll(addresses, address => !ClosedAddresses.Contain(address));
        if (open.Length == 0 && addresses.Length > 0)
        {
            throw new ClosedAddressException($"The host '{host}' stands for an address of this machine, its link or its cloud's metadata, which nothing here calls.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
