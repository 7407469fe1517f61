namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class EnvVarV1
{
    public string? Name { get; set; }

    public string? Value { get; set; }

    public EnvVarSourceV1? ValueFrom { get; set; }
}
