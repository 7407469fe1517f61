namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class ObjectFieldSelectorV1
{
    public string? FieldPath { get; set; }
}
