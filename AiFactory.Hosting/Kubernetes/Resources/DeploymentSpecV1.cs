namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class DeploymentSpecV1
{
    public int? Replicas { get; set; }

    public int? RevisionHistoryLimit { get; set; }

    public int? ProgressDeadlineSeconds { get; set; }

    public DeploymentStrategyV1? Strategy { get; set; }

    public LabelSelectorV1 Selector { get; set; } = new();

    public PodTemplateSpecV1 Template { get; set; } = new();
}
