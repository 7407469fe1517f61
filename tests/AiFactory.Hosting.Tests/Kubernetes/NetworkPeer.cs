using System.Net;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>An end of a connection: a pod, or, without a namespace, what is outside the cluster's network.</summary>
internal sealed record NetworkPeer(string Name, string? Namespace, IReadOnlyDictionary<string, string> Labels, IPAddress Address)
{
    public static NetworkPeer Pod(string name, string place, IReadOnlyDictionary<string, string> labels, string address) => new(name, place, labels, IPAddress.Parse(address));

    public static NetworkPeer Outside(string name, string address) => new(name, null, new Dictionary<string, string>(), IPAddress.Parse(address));
}
