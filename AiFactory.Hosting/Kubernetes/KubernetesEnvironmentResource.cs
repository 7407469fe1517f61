using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes;

/// <summary>A cluster as the target of publishing: one Helm chart.</summary>
public sealed class KubernetesEnvironmentResource(string name) : Resource(name)
{
    public string DefaultImagePullPolicy { get; set; } = "IfNotPresent";

    public string DefaultServiceType { get; set; } = "ClusterIP";

    internal string HelmChartName { get; set; } = "aspire";

    internal string HelmChartVersion { get; set; } = "0.1.0";

    internal string HelmChartDescription { get; set; } = "Aspire Helm Chart";
}
