namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class Secret() : BaseKubernetesResource("v1", "Secret")
{
    public string? Type { get; set; }

    public Dictionary<string, string> StringData { get; } = [];
}
