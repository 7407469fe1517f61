using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration.Endpoints;

/// <summary>The ports on which one replica listens itself, the same at each of its starts where nobody took them meanwhile.</summary>
internal sealed class ReplicaPorts
{
    private readonly Dictionary<EndpointAnnotation, int> _ports;

    private ReplicaPorts(Dictionary<EndpointAnnotation, int> ports) => _ports = ports;

    public IReadOnlyDictionary<string, int> ByName => _ports.ToDictionary(p => p.Key.Name, p => p.Value, StringComparer.OrdinalIgnoreCase);

    public static ReplicaPorts Choose(IResource resource, string resourceId, PortMemory memory)
        => new(resource.Annotations.OfType<EndpointAnnotation>().ToDictionary(
            e => e,
            e => e.OwnPort(resource) ?? (e.HasProxy(resource) ? null : e.AllocatedEndpoint?.Port) ?? memory.Choose(resource, resource.ResourceIds().IndexOf(resourceId), e)));

    public int? Of(EndpointAnnotation endpoint) => _ports.TryGetValue(endpoint, out var port) ? port : null;
}
