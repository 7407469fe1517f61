using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource may begin its life: one without a process publishes its own states from here.</summary>
public class InitializeResourceEvent(IResource resource, IDistributedApplicationEventing distributedApplicationEventing, ResourceLoggerService resourceLoggerService, ResourceNotificationService resourceNotificationService, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;

    public IDistributedApplicationEventing Eventing { get; } = distributedApplicationEventing;

    public ResourceNotificationService Notifications { get; } = resourceNotificationService;

    public ILogger Logger { get; } = resourceLoggerService.GetLogger(resource);
}
