using System.Collections.Concurrent;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration.Endpoints;

/// <summary>Gives every endpoint its address before anything starts, and knows the proxy behind each.</summary>
internal sealed class EndpointRegistry(PortMemory memory, TimeProvider timeProvider) : IDisposable
{
    private readonly ConcurrentDictionary<EndpointAnnotation, EndpointProxy> _proxies = new();

    /// <summary>Binds the proxies' ports. A port that is taken stops the start with a sentence that says by what.</summary>
    public void Allocate(IResource resource)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (endpoint.AllocatedEndpoint is not null)
            {
                continue;
            }

            var port = endpoint.HasProxy(resource) ? AllocateProxy(resource, endpoint) : AllocateDirect(resource, endpoint);
            var host = endpoint.TargetHost is "*" or "+" or "0.0.0.0" or "::" or "[::]" ? "localhost" : endpoint.TargetHost;
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, host, port);
        }
    }

    public EndpointProxy? ProxyOf(EndpointAnnotation endpoint) => _proxies.GetValueOrDefault(endpoint);

    /// <summary>Takes no new connections for a resource that is stopping for good.</summary>
    public void Close(IResource resource)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (_proxies.TryRemove(endpoint, out var proxy))
            {
                proxy.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var proxy in _proxies.Values)
        {
            proxy.Dispose();
        }
    }

    private int AllocateProxy(IResource resource, EndpointAnnotation endpoint)
    {
        if (endpoint.TargetPort is { } target && (resource.GetReplicaCount() > 1 || target == endpoint.Port))
        {
            throw new DistributedApplicationException(target == endpoint.Port
                ? $"Endpoint '{endpoint.Name}' of '{resource.Name}': port and targetPort are both {target}. Leave targetPort out, or set isProxied to false."
                : $"Endpoint '{endpoint.Name}' of '{resource.Name}' has a targetPort, which several replicas cannot share. Leave targetPort out.");
        }

        var proxy = new EndpointProxy(Bind(resource, endpoint), timeProvider);
        _proxies[endpoint] = proxy;
        return proxy.Port;
    }

    private int AllocateDirect(IResource resource, EndpointAnnotation endpoint)
    {
        if (resource.GetReplicaCount() > 1)
        {
            throw new DistributedApplicationException(
                $"Endpoint '{endpoint.Name}' of '{resource.Name}' has no proxy, so '{resource.Name}' cannot have several replicas.");
        }

        if ((endpoint.Port ?? endpoint.OwnPort(resource)) is { } given and not 0)
        {
            LoopbackListener.Close(Bind(resource, endpoint));
            return given;
        }

        var port = memory.Choose(resource, replica: 0, endpoint);
        endpoint.Port = port;
        return port;
    }

    private static IReadOnlyList<Socket> Bind(IResource resource, EndpointAnnotation endpoint)
    {
        try
        {
            return LoopbackListener.Bind(endpoint.TargetHost, endpoint.Port);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            throw new DistributedApplicationException(exception.SocketErrorCode == SocketError.AccessDenied
                ? $"Port {endpoint.Port} (endpoint '{endpoint.Name}' of '{resource.Name}') may not be used by this user. Choose a port above 1023 in AppHost.cs."
                : $"Port {endpoint.Port} (endpoint '{endpoint.Name}' of '{resource.Name}') is taken by {PortHolder.Describe(endpoint.Port ?? 0)}. Stop that process, or give the endpoint another port in AppHost.cs.");
        }
    }
}
