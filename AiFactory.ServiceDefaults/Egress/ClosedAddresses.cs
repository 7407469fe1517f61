using System.Net;
using System.Net.Sockets;

namespace AiFactory.ServiceDefaults.Egress;

/// <summary>
/// Addresses that nothing which calls out may reach by a name or a number that a caller chose: this machine, its link, and where clouds serve a machine's own credentials
/// (https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html). A site's private networks are not among them: private endpoints lie there.
/// </summary>
public static class ClosedAddresses
{
    private static readonly IPNetwork[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", // this host, loopback, link-local (most clouds' metadata), multicast and what is reserved
            "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", // metadata of Alibaba, Azure, Oracle
            "::/128", "::1/128", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128", // the same of IPv6; the last is Amazon's metadata
        }.Select(IPNetwork.Parse),
    ];

    // Prefixes under which an IPv4 address is written within one of IPv6: compatible (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    public static bool Contain(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (Array.Exists(Closed, network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address)))
        {
            return true;
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        return address.IsIPv4MappedToIPv6 || Compatible.Contains(address) || Nat64.Contains(address) ? Contain(new IPAddress(bytes.AsSpan(12, 4)))
            : SixToFour.Contains(address) && Contain(new IPAddress(bytes.AsSpan(2, 4)));
    }
}
