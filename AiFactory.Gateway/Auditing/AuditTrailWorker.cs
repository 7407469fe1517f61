using AiFactory.Gateway.Metering;

namespace AiFactory.Gateway.Auditing;

/// <summary>Keeps what was counted every few seconds, and at the end.</summary>
internal sealed class AuditTrailWorker(AuditTrail trail, UsageOutbox outbox, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (outbox.Open() is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                trail.Flush();
            }
        }
        catch (OperationCanceledException)
        {
            trail.Flush();
        }
    }
}
