using AiFactory.ServiceDefaults.Memory;

namespace AiFactory.Gateway.Serving;

/// <summary>What the start alone needed goes back to the system, once, in the first quiet second: a gateway that waits for requests would have it for nothing. One that is busy from its start is never held up.</summary>
internal sealed class StartTrim(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Bytes in a <see cref="Pause"/>: the loops behind the requests take a third of it, a hundred requests as much as this.</summary>
    private const long Quiet = 768 * 1024;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            for (var before = long.MinValue / 2; await timer.WaitForNextTickAsync(stoppingToken);)
            {
                var allocated = GC.GetTotalAllocatedBytes();
                if (allocated - before < Quiet)
                {
                    ProcessHeap.Trim();
                    return;
                }

                before = allocated;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It stops before it was quiet.
        }
    }
}
