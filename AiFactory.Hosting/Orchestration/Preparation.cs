using Microsoft.Extensions.Hosting;

namespace AiFactory.Hosting.Orchestration;

internal sealed class Preparation : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
