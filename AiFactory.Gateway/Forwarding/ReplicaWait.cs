using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>The waits of a request: for a replica to come, and before it is sent again.</summary>
internal sealed class ReplicaWait(CurrentRoutes routes, GatewayTelemetry telemetry, IOptions<ForwardingOptions> options, IOptions<RetryOptions> retries, TimeProvider time)
{
    /// <summary>
    /// Waits until a replica may be asked again or another snapshot is there, of which it then takes the deployment: the one that the request began with has no replica left.
    /// </summary>
    /// <returns>False when the time is up, or would be before any may be asked.</returns>
    public async Task<bool> ForReplicaAsync(Exchange exchange)
    {
        var began = time.GetTimestamp();
        var deadline = exchange.Tries.WaitUntil ??= began + Ticks(options.Value.ReplicaWait);
        var changed = routes.Changed;
        var newest = routes.Table?.Deployments.GetValueOrDefault(exchange.Deployment.Route.Id);
        if (newest is not null && newest != exchange.Deployment)
        {
            exchange.Deployment = newest;
            return true;
        }

        var trial = exchange.Deployment.NextTrial(exchange.Tries.Failed ?? []);
        if (newest is null || began >= deadline || (exchange.Tries.Last is { Kind: FailureKind.Busy } && trial > deadline))
        {
            return false;
        }

        // A millisecond more than needed, for timers count in whole ones.
        var until = Math.Min(trial ?? deadline, deadline) + Ticks(TimeSpan.FromMilliseconds(1));
        var counts = exchange.Deployment.Counts;
        counts.BeginWait();
        await PauseAsync(exchange, changed, time.GetElapsedTime(began, Math.Max(until, began + 1)));
        counts.EndWait();
        exchange.Queued += time.GetElapsedTime(began);
        telemetry.Waited(time.GetElapsedTime(began));
        return true;
    }

    /// <summary>
    /// Before the replicas that failed it are asked once more: a random part of a time that doubles, so that requests which failed together do not come back together
    /// (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
    /// </summary>
    public Task BeforeRoundAsync(Exchange exchange)
    {
        var delay = Delay(exchange.Tries.Rounds, retries.Value, Random.Shared.NextDouble());
        return exchange.Tries.BeginRound() && delay > TimeSpan.Zero ? PauseAsync(exchange, routes.Changed, delay) : Task.CompletedTask;
    }

    /// <param name="part">0 to 1.</param>
    internal static TimeSpan Delay(int round, RetryOptions retries, double part) =>
        TimeSpan.FromTicks((long)(part * Math.Min(retries.Delay.Ticks * Math.Pow(2, Math.Min(round, 30)), retries.LongestDelay.Ticks)));

    private async Task PauseAsync(Exchange exchange, Task changed, TimeSpan pause)
    {
        exchange.Unlimit();
        try
        {
            await changed.WaitAsync(pause, time, exchange.Token);
        }
        catch (TimeoutException)
        {
            // A replica's pause is over, or the wait is.
        }
        catch (OperationCanceledException)
        {
            // The client left, or the time for the whole is up: the caller sees it.
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
