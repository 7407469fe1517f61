namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class PodSecurityContextV1
{
    public bool? RunAsNonRoot { get; set; }

    public long? RunAsUser { get; set; }

    public long? RunAsGroup { get; set; }

    public long? FsGroup { get; set; }

    public string? FsGroupChangePolicy { get; set; }

    public SeccompProfileV1? SeccompProfile { get; set; }
}
