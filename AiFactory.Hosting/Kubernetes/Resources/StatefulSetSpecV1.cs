namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class StatefulSetSpecV1
{
    public int? Replicas { get; set; }

    public int? RevisionHistoryLimit { get; set; }

    public string? ServiceName { get; set; }

    public string? PodManagementPolicy { get; set; }

    public LabelSelectorV1 Selector { get; set; } = new();

    public PodTemplateSpecV1 Template { get; set; } = new();

    public List<PersistentVolumeClaim> VolumeClaimTemplates { get; } = [];
}
