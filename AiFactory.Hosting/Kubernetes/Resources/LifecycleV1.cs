namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class LifecycleV1
{
    public LifecycleHandlerV1? PreStop { get; set; }
}
