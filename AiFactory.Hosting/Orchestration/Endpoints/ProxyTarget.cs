using System.Net;

namespace AiFactory.Hosting.Orchestration.Endpoints;

/// <summary>A replica behind a proxy.</summary>
internal sealed class ProxyTarget(string resourceId, int port)
{
    public string ResourceId { get; } = resourceId;

    public int Port { get; } = port;

    /// <summary>Whether its health checks pass: such replicas are chosen before others.</summary>
    public volatile bool IsReady;

    /// <summary>Most servers listen on both loopback addresses, Node's on one: the one that answered last is tried first.</summary>
    public volatile IPAddress Address = IPAddress.Loopback;

    public IPAddress OtherAddress => Address.Equals(IPAddress.Loopback) ? IPAddress.IPv6Loopback : IPAddress.Loopback;
}
