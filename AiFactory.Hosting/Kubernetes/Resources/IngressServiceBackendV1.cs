namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class IngressServiceBackendV1
{
    public string? Name { get; set; }

    public ServiceBackendPortV1? Port { get; set; }
}
