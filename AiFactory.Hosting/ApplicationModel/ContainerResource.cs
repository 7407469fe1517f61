namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The base of resources that are containers in Aspire (a Postgres server). Here each says by a <c>LocalProcessAnnotation</c>
/// how it runs as a local process; there is no container engine.
/// </summary>
public class ContainerResource(string name, string? entrypoint = null) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
{
    public string? Entrypoint { get; set; } = entrypoint;
}
