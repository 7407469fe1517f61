namespace Aspire.Hosting.Kubernetes.Resources;

public abstract class BaseKubernetesObject(string? apiVersion = null, string? kind = null)
{
    public string? ApiVersion { get; set; } = apiVersion;

    public string? Kind { get; set; } = kind;
}
