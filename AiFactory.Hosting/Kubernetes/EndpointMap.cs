using System.Globalization;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Kubernetes;

/// <summary>The doors of the model's resources as a cluster has them: a Service for each resource, a port for each endpoint.</summary>
internal static class EndpointMap
{
    private const int DefaultPort = 8080;

    /// <summary>The resource's endpoints, ports as an expression or a number.</summary>
    public static IReadOnlyList<EndpointPort> Of(IResource resource)
    {
        var ports = new List<EndpointPort>();
        var next = DefaultPort;
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().OrderBy(endpoint => endpoint.Name, StringComparer.Ordinal))
        {
            // TLS ends at the ingress; a pod has no certificate for https.
            if (endpoint.UriScheme == "https")
            {
                continue;
            }

            // A program that does not say what it listens on is told: 8080 for the first door.
            var target = endpoint.TargetPort ?? next++;
            ports.Add(new EndpointPort(endpoint.Name, endpoint.UriScheme, target, endpoint.Protocol == ProtocolType.Udp ? "UDP" : "TCP"));
        }

        return ports;
    }

    public static string Property(EndpointReference endpoint, EndpointProperty property)
    {
        var port = Of(endpoint.Resource).FirstOrDefault(port => string.Equals(port.Name, endpoint.EndpointName, StringComparison.OrdinalIgnoreCase))
            ?? throw new DistributedApplicationException($"'{endpoint.Resource.Name}' has no endpoint '{endpoint.EndpointName}' in a cluster.");
        var host = HelmNames.Service(endpoint.Resource.Name);
        var number = port.Value(endpoint.Resource);
        return property switch
        {
            EndpointProperty.Url => $"{port.Scheme}://{host}:{number}",
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.Port or EndpointProperty.TargetPort => number,
            EndpointProperty.Scheme => port.Scheme,
            EndpointProperty.HostAndPort => $"{host}:{number}",
            EndpointProperty.TlsEnabled => bool.FalseString,
            _ => throw new DistributedApplicationException(string.Create(CultureInfo.InvariantCulture, $"The endpoint property '{property}' is unknown in a chart.")),
        };
    }
}
