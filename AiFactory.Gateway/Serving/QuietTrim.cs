using AiFactory.ServiceDefaults.Memory;

namespace AiFactory.Gateway.Serving;

/// <summary>
/// A gateway that waits for requests holds little more than it needs: what its start alone needed goes back to the system in the first quiet second, and what its loops leave behind,
/// and the compiler of what they run often, goes while nobody waits for it; by itself .NET lets 16 MiB of garbage come together. One that has work is left alone.
/// </summary>
internal sealed class QuietTrim(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Bytes in a <see cref="Pause"/>: the loops behind the requests take a third of it, a hundred requests as much as this.</summary>
    private const long Quiet = 768 * 1024;

    /// <summary>Bytes that are worth a collection of what is young, some two milliseconds.</summary>
    private const long Litter = 2 * 1024 * 1024;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        var (before, collected) = (GC.GetTotalAllocatedBytes(), 0L);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var allocated = GC.GetTotalAllocatedBytes();
                if (allocated - before < Quiet && allocated - collected > Litter)
                {
                    if (collected == 0)
                    {
                        ProcessHeap.Trim();
                    }
                    else
                    {
                        GC.Collect(1, GCCollectionMode.Forced, blocking: true);
                        ProcessHeap.TrimNative();
                    }

                    collected = allocated;
                }

                before = allocated;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }
}
