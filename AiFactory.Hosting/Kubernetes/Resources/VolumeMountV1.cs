namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class VolumeMountV1
{
    public string? Name { get; set; }

    public string? MountPath { get; set; }

    public bool? ReadOnly { get; set; }
}
