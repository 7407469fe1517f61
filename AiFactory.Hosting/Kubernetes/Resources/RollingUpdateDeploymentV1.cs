namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class RollingUpdateDeploymentV1
{
    public int MaxUnavailable { get; set; }

    public int MaxSurge { get; set; }
}
