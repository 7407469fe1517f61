using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

public class DistributedApplicationResourceEventSubscription(IResource? resource, Func<IDistributedApplicationResourceEvent, CancellationToken, Task> callback)
    : DistributedApplicationEventSubscription((e, cancellationToken) => callback((IDistributedApplicationResourceEvent)e, cancellationToken))
{
    public IResource? Resource { get; } = resource;
}
