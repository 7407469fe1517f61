namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class PersistentVolumeClaimSpecV1
{
    public List<string> AccessModes { get; } = [];

    public string? StorageClassName { get; set; }

    public VolumeResourceRequirementsV1? Resources { get; set; }
}
