namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class ContainerPortV1
{
    public string? Name { get; set; }

    public Int32OrStringV1? ContainerPort { get; set; }

    public string? Protocol { get; set; }
}
