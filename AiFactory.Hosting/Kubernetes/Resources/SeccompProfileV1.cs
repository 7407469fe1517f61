namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class SeccompProfileV1
{
    public string? Type { get; set; }
}
