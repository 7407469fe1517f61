namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class TopologySpreadConstraintV1
{
    public int? MaxSkew { get; set; }

    public string? TopologyKey { get; set; }

    public string? WhenUnsatisfiable { get; set; }

    public LabelSelectorV1? LabelSelector { get; set; }
}
