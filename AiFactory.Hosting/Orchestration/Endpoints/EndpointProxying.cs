using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration.Endpoints;

/// <summary>Whether callers reach a resource through a proxy, and the port that was fixed for its process.</summary>
internal static class EndpointProxying
{
    public static bool HasProxy(this EndpointAnnotation endpoint, IResource resource)
        => endpoint.IsExplicitlyProxied ?? !resource.Annotations.OfType<LocalProcessAnnotation>().Any(process => process.IsDirect);

    /// <summary>A container's target port is inside it, where it is alone; as a process it shares the machine's ports, and gets one of its own.</summary>
    public static int? OwnPort(this EndpointAnnotation endpoint, IResource resource) => resource is ContainerResource ? null : endpoint.TargetPort;
}
