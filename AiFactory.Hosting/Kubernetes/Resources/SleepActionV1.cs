namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class SleepActionV1
{
    public long Seconds { get; set; }
}
