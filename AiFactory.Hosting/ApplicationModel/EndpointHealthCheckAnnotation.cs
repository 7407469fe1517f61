namespace Aspire.Hosting.ApplicationModel;

/// <summary>A health check over HTTP. It is asked of each replica directly, not through the proxy that would choose one.</summary>
internal sealed class EndpointHealthCheckAnnotation(string key, Func<EndpointReference> endpoint, string path, int statusCode) : HealthCheckAnnotation(key)
{
    public Func<EndpointReference> Endpoint { get; } = endpoint;

    public string Path { get; } = path;

    public int StatusCode { get; } = statusCode;
}
