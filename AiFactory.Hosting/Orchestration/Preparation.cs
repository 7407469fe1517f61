using AiFactory.Hosting.Orchestration.Endpoints;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Hosting.Orchestration;

/// <summary>What must hold before anything starts; each fault stops the start with a sentence that says what to do.</summary>
internal sealed class Preparation(
    DistributedApplicationExecutionContext execution,
    DistributedApplicationModel model,
    IDistributedApplicationEventing eventing,
    AppHostDirectories directories,
    EndpointRegistry endpoints,
    IServiceProvider services) : IHostedService, IDisposable
{
    private DataLock? _lock;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (execution.IsPublishMode)
        {
            throw new InvalidOperationException("Nothing is started to publish: RunAsync writes the output and ends.");
        }

        await eventing.PublishAsync(new BeforeStartEvent(services, model), cancellationToken);
        foreach (var parameter in model.Resources.OfType<ParameterResource>())
        {
            // A missing one throws, with its name and how to set it.
            _ = parameter.Value;
        }

        _lock = DataLock.Take(directories.Data);
        foreach (var resource in model.Resources)
        {
            endpoints.Allocate(resource);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _lock?.Dispose();
}
