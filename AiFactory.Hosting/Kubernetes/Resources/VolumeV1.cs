namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class VolumeV1
{
    public string? Name { get; set; }

    public EmptyDirVolumeSourceV1? EmptyDir { get; set; }
}
