using System.Diagnostics;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>Makes each kind of request at its own even pace, whatever the answers do.</summary>
internal sealed class SoakDriver(SoakClient client, int rate)
{
    /// <summary>More at once mean that the gateway, or this machine, does not keep up.</summary>
    private const int MostOpen = 2000;

    private static readonly TimeSpan LongestEnd = TimeSpan.FromMinutes(3);

    private volatile Task? _pause;

    /// <summary>Returns when all that was begun has ended.</summary>
    public async Task RunAsync(CancellationToken enough, CancellationToken stop)
    {
        var weights = SoakKinds.All.Sum(kind => kind.Weight);
        await Task.WhenAll(SoakKinds.All.Select(kind => DriveAsync(kind, TimeSpan.FromSeconds(weights / (kind.Weight * rate)), enough, stop)));
        await DrainAsync(stop);
    }

    /// <summary>Makes no request until that is done, which begins when all that were under way have ended.</summary>
    public async Task PauseAsync(Func<Task> meanwhile, CancellationToken stop)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pause = over.Task;
        try
        {
            await DrainAsync(stop);
            await meanwhile();
        }
        finally
        {
            _pause = null;
            over.SetResult();
        }
    }

    private async Task DrainAsync(CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        while (client.Tally.Open > 0 && Stopwatch.GetElapsedTime(began) < LongestEnd)
        {
            await Task.Delay(100, stop);
        }
    }

    private async Task DriveAsync(SoakKind kind, TimeSpan interval, CancellationToken enough, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        for (var due = interval * Random.Shared.NextDouble(); !enough.IsCancellationRequested; due += interval)
        {
            var early = due - Stopwatch.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (enough.IsCancellationRequested)
                {
                    return;
                }
            }

            if (_pause is { } pause)
            {
                // What was not made meanwhile is not made up for: that would be a burst.
                var paused = Stopwatch.GetTimestamp();
                await pause;
                due += Stopwatch.GetElapsedTime(paused);
            }

            if (client.Tally.Open >= MostOpen)
            {
                client.Tally.FellBehind();
                continue;
            }

            _ = AskAsync(kind, stop);
        }
    }

    private async Task AskAsync(SoakKind kind, CancellationToken stop)
    {
        var tally = client.Tally;
        tally.Begin();
        string outcome;
        try
        {
            outcome = await kind.AskAsync(client, tally.Next(), stop);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // Whatever it was, it is what a client got, and none of it is planned.
            outcome = $"{error.GetType().Name}: {error.Message} {error.InnerException?.Message}";
        }
        catch (OperationCanceledException)
        {
            outcome = "stopped";
        }

        tally.End();
        tally.Count(kind, outcome);
    }
}
