namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class LifecycleHandlerV1
{
    public SleepActionV1? Sleep { get; set; }
}
