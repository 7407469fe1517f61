using System.Net;
using System.Net.Sockets;

namespace AiFactory.ServiceDefaults.Outbound;

/// <summary>
/// Opens connections to where others say. The address is checked here, where it is connected to, and nowhere before: a name that is looked up twice could have
/// changed between (DNS rebinding), and a redirect comes through here like any other call.
/// </summary>
/// <param name="isAllowed">Whether a host may be called on a port although its address is private.</param>
/// <param name="setting">By which they are allowed; who is refused is told.</param>
public sealed class OutboundConnector(Func<string, int, bool> isAllowed, string setting)
{
    /// <summary>Private addresses that any host may have.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="OutboundException">The host is not known, or may not be called.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await ResolveAsync(host, cancellationToken);
        if (!isAllowed(host, port))
        {
            addresses = Array.FindAll(addresses, MayBeCalled);
            if (addresses.Length == 0)
            {
                throw new OutboundException(
                    $"The host '{host}' is not on the public internet. Who runs the factory can allow it with the setting {setting}.", isTransient: false);
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

    /// <summary>Whether an address may be called that no setting names by its host.</summary>
    public bool MayBeCalled(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !PublicAddresses.AreMetadata(plain) && (PublicAddresses.Includes(plain) || Networks.Any(network => network.Contains(plain)));
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        // Some addresses, as 0.0.0.0, are no names to the resolver.
        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

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
