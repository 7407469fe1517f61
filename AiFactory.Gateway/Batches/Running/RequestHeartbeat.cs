using AiFactory.ServiceDefaults.Loops;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Says that this gateway still has its requests, and breaks those off that are another's now, or whose batch ends.</summary>
internal sealed partial class RequestHeartbeat(RunningRequests running, RequestStore store, IOptions<BatchOptions> options, TimeProvider time, ILogger<RequestHeartbeat> logger) : BackgroundService
{
    private readonly TimeSpan _interval = options.Value.Interval < options.Value.Lease / 3 ? options.Value.Interval : options.Value.Lease / 3;

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var ids = running.Ids;
        if (ids.Length > 0)
        {
            var held = await store.RenewAsync(running.Claim, ids, options.Value.Lease, cancellationToken);
            running.CancelAllBut(held, ids);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await RunOnceAsync(stoppingToken);
                }
                catch (Exception error) when (Loop.IsInfrastructure(error))
                {
                    // While the database is away, nobody else can take them.
                    LogFailed(logger, error.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(1711, LogLevel.Warning, "The claims on requests of batches could not be renewed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
