namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class SecretKeySelectorV1
{
    public string? Name { get; set; }

    public string? Key { get; set; }
}
