namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class SecurityContextV1
{
    public bool? RunAsNonRoot { get; set; }

    public long? RunAsUser { get; set; }

    public long? RunAsGroup { get; set; }

    public bool? AllowPrivilegeEscalation { get; set; }

    public bool? ReadOnlyRootFilesystem { get; set; }

    public CapabilitiesV1? Capabilities { get; set; }

    public SeccompProfileV1? SeccompProfile { get; set; }
}
