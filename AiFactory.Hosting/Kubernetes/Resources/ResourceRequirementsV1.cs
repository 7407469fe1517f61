namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class ResourceRequirementsV1
{
    public Dictionary<string, string> Requests { get; } = [];

    public Dictionary<string, string> Limits { get; } = [];
}
