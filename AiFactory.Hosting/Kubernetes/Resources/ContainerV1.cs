namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class ContainerV1
{
    public string? Name { get; set; }

    public string? Image { get; set; }

    public string? ImagePullPolicy { get; set; }

    public List<string> Command { get; } = [];

    public List<string> Args { get; } = [];

    public List<EnvVarV1> Env { get; } = [];

    public List<EnvFromSourceV1> EnvFrom { get; } = [];

    public List<ContainerPortV1> Ports { get; } = [];

    public ResourceRequirementsV1? Resources { get; set; }

    public ProbeV1? StartupProbe { get; set; }

    public ProbeV1? ReadinessProbe { get; set; }

    public ProbeV1? LivenessProbe { get; set; }

    public LifecycleV1? Lifecycle { get; set; }

    public SecurityContextV1? SecurityContext { get; set; }

    public List<VolumeMountV1> VolumeMounts { get; } = [];
}
