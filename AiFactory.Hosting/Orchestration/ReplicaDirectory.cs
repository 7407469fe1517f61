using System.Collections.Concurrent;
using AiFactory.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

/// <summary>Which ports each running replica listens on, and its places behind the proxies.</summary>
internal sealed class ReplicaDirectory(EndpointRegistry endpoints)
{
    private readonly ConcurrentDictionary<string, Entry> _replicas = new(StringComparer.OrdinalIgnoreCase);

    public void Add(IResource resource, string resourceId, ReplicaPorts ports)
    {
        var targets = new List<(EndpointProxy Proxy, ProxyTarget Target)>();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (endpoints.ProxyOf(endpoint) is { } proxy && ports.Of(endpoint) is { } port)
            {
                var target = new ProxyTarget(resourceId, port);
                proxy.Add(target);
                targets.Add((proxy, target));
            }
        }

        _replicas[resourceId] = new Entry(ports, targets);
    }

    public void Remove(string resourceId)
    {
        if (_replicas.TryRemove(resourceId, out var entry))
        {
            foreach (var (proxy, target) in entry.Targets)
            {
                proxy.Remove(target);
            }
        }
    }

    public void SetReady(string resourceId, bool ready)
    {
        if (_replicas.TryGetValue(resourceId, out var entry))
        {
            foreach (var (_, target) in entry.Targets)
            {
                target.IsReady = ready;
            }
        }
    }

    public int? PortOf(string resourceId, EndpointAnnotation endpoint)
        => _replicas.TryGetValue(resourceId, out var entry) ? entry.Ports.Of(endpoint) : null;

    private sealed record Entry(ReplicaPorts Ports, IReadOnlyList<(EndpointProxy Proxy, ProxyTarget Target)> Targets);
}
