using Microsoft.Extensions.Hosting;

namespace AiFactory.ServiceDefaults.Objects;

/// <summary>Makes the store when the host starts, so that a bad setting stops the start; a server that is away does not.</summary>
internal sealed class ObjectStoreStart(IObjectStore store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
