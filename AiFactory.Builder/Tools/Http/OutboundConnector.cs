using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Tools.Http;

/// <summary>
/// Opens the connections of tools. The address is checked here, where it is connected to, and nowhere before: a name that is looked up twice could have
/// changed between (DNS rebinding), and a redirect comes through here like any other call.
/// </summary>
internal sealed class OutboundConnector(IOptions<OutboundOptions> options)
{
    internal async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await ResolveAsync(host, cancellationToken);
        if (!options.Value.Allows(host, port))
        {
            addresses = Array.FindAll(addresses, PublicAddresses.Includes);
            if (addresses.Length == 0)
            {
                throw new OutboundException(
                    $"The host '{host}' is not on the public internet. Who runs the factory can allow it with the setting Tools:AllowedHosts.", isTransient: false);
            }
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException error)
        {
            throw new OutboundException($"The host '{host}' is not known: {error.Message}", isTransient: error.SocketErrorCode == SocketError.TryAgain, error);
        }
    }
}
