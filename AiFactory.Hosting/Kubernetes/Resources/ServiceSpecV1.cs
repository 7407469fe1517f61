using AiFactory.Hosting.Kubernetes;

namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class ServiceSpecV1
{
    public string? Type { get; set; }

    [YamlName("clusterIP")]
    public string? ClusterIp { get; set; }

    public bool? PublishNotReadyAddresses { get; set; }

    public Dictionary<string, string> Selector { get; set; } = [];

    public List<ServicePortV1> Ports { get; } = [];
}
