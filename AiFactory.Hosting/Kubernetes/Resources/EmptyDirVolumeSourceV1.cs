namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class EmptyDirVolumeSourceV1
{
    public string? Medium { get; set; }

    public string? SizeLimit { get; set; }
}
