using AiFactory.Hosting.Kubernetes;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>What keeps pods of one template running: a Deployment, a StatefulSet.</summary>
public abstract class Workload(string apiVersion, string kind) : BaseKubernetesResource(apiVersion, kind)
{
    [YamlName(null)]
    public abstract PodTemplateSpecV1 PodTemplate { get; }
}
