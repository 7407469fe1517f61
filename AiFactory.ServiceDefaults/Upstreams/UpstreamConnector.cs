using System.Net;
using AiFactory.ServiceDefaults.Outbound;

namespace AiFactory.ServiceDefaults.Upstreams;

/// <summary>
/// What upstreams' hosts may stand for: they are named by the library's settings, so a site's private networks are open to them, but never this machine, its link or its cloud's metadata. What is one of these by
/// its very name or number (<see cref="IsLocal"/>) is called only where the settings name it so, and without this connector.
/// </summary>
public static class UpstreamConnector
{
    private const string LocalHost = "localhost";

    public static OutboundConnector Guard { get; } = new((_, _) => false, "Upstreams:AllowedHosts")
    {
        Networks = [.. new[] { "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7" }.Select(IPNetwork.Parse)],
    };

    public static bool IsLocal(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var host = address.IdnHost.TrimEnd('.');
        return IPAddress.TryParse(host, out var number)
            ? !Guard.MayBeCalled(number)
            : host.Equals(LocalHost, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{LocalHost}", StringComparison.OrdinalIgnoreCase);
    }
}
