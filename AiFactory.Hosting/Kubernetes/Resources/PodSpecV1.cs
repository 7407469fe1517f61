namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class PodSpecV1
{
    public string? ServiceAccountName { get; set; }

    public bool? AutomountServiceAccountToken { get; set; }

    public bool? EnableServiceLinks { get; set; }

    public string? PriorityClassName { get; set; }

    public long? TerminationGracePeriodSeconds { get; set; }

    public PodSecurityContextV1? SecurityContext { get; set; }

    public List<TopologySpreadConstraintV1> TopologySpreadConstraints { get; } = [];

    public List<ContainerV1> Containers { get; } = [];

    public List<VolumeV1> Volumes { get; } = [];
}
