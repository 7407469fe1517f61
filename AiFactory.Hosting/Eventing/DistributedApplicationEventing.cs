using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

public class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private readonly Lock _lock = new();
    private readonly List<(Type Event, DistributedApplicationEventSubscription Subscription)> _subscriptions = [];

    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent
        => Add(typeof(T), new DistributedApplicationEventSubscription((e, cancellationToken) => callback((T)e, cancellationToken)));

    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent
        => Add(typeof(T), new DistributedApplicationResourceEventSubscription(
            resource, (e, cancellationToken) => callback((T)e, cancellationToken)));

    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions.RemoveAll(s => s.Subscription == subscription);
        }
    }

    public Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
        => PublishAsync(@event, EventDispatchBehavior.BlockingSequential, cancellationToken);

    public Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(@event);
        List<DistributedApplicationEventSubscription> interested;
        lock (_lock)
        {
            interested = [.. _subscriptions.Where(s => s.Event == typeof(T) && Concerns(s.Subscription, @event)).Select(s => s.Subscription)];
        }

        var work = dispatchBehavior is EventDispatchBehavior.BlockingConcurrent or EventDispatchBehavior.NonBlockingConcurrent
            ? Task.WhenAll(interested.Select(s => s.Callback(@event, cancellationToken)))
            : RunInOrderAsync(interested, @event, cancellationToken);
        return dispatchBehavior is EventDispatchBehavior.NonBlockingConcurrent or EventDispatchBehavior.NonBlockingSequential
            ? Task.CompletedTask
            : work;
    }

    private static bool Concerns(DistributedApplicationEventSubscription subscription, IDistributedApplicationEvent @event)
        => subscription is not DistributedApplicationResourceEventSubscription { Resource: { } resource }
            || (@event is IDistributedApplicationResourceEvent about && about.Resource == resource);

    private static async Task RunInOrderAsync(List<DistributedApplicationEventSubscription> subscriptions, IDistributedApplicationEvent @event, CancellationToken cancellationToken)
    {
        foreach (var subscription in subscriptions)
        {
            await subscription.Callback(@event, cancellationToken);
        }
    }

    private DistributedApplicationEventSubscription Add(Type type, DistributedApplicationEventSubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions.Add((type, subscription));
        }

        return subscription;
    }
}
