using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Queueing;

/// <summary>Lets more requests through as soon as a deployment has more replicas: those under way may be long, and the next request far.</summary>
internal sealed class QueueWorker(CurrentRoutes routes, RequestQueue queue) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (queue.IsOn)
            {
                var changed = routes.Changed;
                queue.AdmitMore();
                await changed.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
