namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class DeploymentStrategyV1
{
    public string? Type { get; set; }

    public RollingUpdateDeploymentV1? RollingUpdate { get; set; }
}
