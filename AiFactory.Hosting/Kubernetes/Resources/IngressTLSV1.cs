namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class IngressTLSV1
{
    public List<string> Hosts { get; } = [];

    public string? SecretName { get; set; }
}
