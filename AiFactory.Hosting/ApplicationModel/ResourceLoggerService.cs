using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public class ResourceLoggerService : IDisposable
{
    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _timeProvider;

    public ResourceLoggerService()
        : this(TimeProvider.System)
    {
    }

    internal ResourceLoggerService(TimeProvider timeProvider) => _timeProvider = timeProvider;

    public ILogger GetLogger(IResource resource) => new ResourceLogger([.. resource.ResourceIds().Select(Get)]);

    public ILogger GetLogger(string resourceName) => new ResourceLogger([Get(resourceName)]);

    /// <summary>The backlog, then each new batch of lines, until the resource's log is complete.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => Get(resourceName).WatchAsync();

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => WatchAsync(resource.ResourceIds()[0]);

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask;
        yield return Get(resourceName).Snapshot();
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource) => GetAllAsync(resource.ResourceIds()[0]);

    public void ClearBacklog(string resourceName) => Get(resourceName).Clear();

    public void Complete(string name) => Get(name).Complete();

    public void Complete(IResource resource)
    {
        foreach (var id in resource.ResourceIds())
        {
            Complete(id);
        }
    }

    public void Dispose()
    {
        foreach (var log in _logs.Values)
        {
            log.Complete();
        }

        GC.SuppressFinalize(this);
    }

    internal ResourceLog Get(string resourceId) => _logs.GetOrAdd(resourceId, _ => new ResourceLog(_timeProvider));
}
