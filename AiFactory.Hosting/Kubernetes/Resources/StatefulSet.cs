using AiFactory.Hosting.Kubernetes;

namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class StatefulSet() : Workload("apps/v1", "StatefulSet")
{
    public StatefulSetSpecV1 Spec { get; set; } = new();

    [YamlName(null)]
    public override PodTemplateSpecV1 PodTemplate => Spec.Template;
}
