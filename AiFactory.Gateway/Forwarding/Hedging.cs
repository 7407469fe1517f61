using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Asks a second replica for a stream whose first token is late (Dean and Barroso, The Tail at Scale, 2013), where the deployment's policy says after what time. It is paid from the budget of retries, so
/// that replicas which are slow because they are full are not asked twice for everything. What the later one computed is on nobody's bill: the client gets one answer.
/// </summary>
internal sealed class Hedging(ReplicaAttempt attempt, ReplicaChooser chooser, GatewayTelemetry telemetry, IOptions<RetryOptions> retries, IOptions<ForwardingOptions> options, TimeProvider time)
{
    /// <summary>After what time, where a second replica could be asked for this request at all.</summary>
    public static TimeSpan? DelayOf(Exchange exchange) => exchange is { Stream: true, Deployment: { Replicas.Length: > 1, Route.Routing.HedgeAfter: { } delay } } ? delay : null;

    /// <param name="blame">Is told of each replica that failed, and since when it had been asked.</param>
    /// <returns>As <see cref="ReplicaAttempt.RunAsync"/> of the first.</returns>
    public async Task<Failure?> RunAsync(Exchange exchange, Replica first, TimeSpan delay, Action<Replica, Failure, long> blame)
    {
        await using var race = new HedgeRace(exchange);
        var entered = time.GetTimestamp();
        var one = attempt.RunAsync(exchange, first, race.First).AsTask();
        race.First.Ended = one;
        if (await IsInTimeAsync(one, delay)
            || race.Winner is not null || exchange.ClientLeft || chooser.ChooseSecond(exchange.Deployment, exchange.Stream, first, exchange.Tries.Failed) is not { } second
            || !exchange.Deployment.Retries.TryTake(retries.Value, time) || !race.TryJoin(lane => AskAsync(exchange, second, lane), out var two))
        {
            var alone = await one;
            if (alone is not null)
            {
                blame(first, alone, entered);
            }

            return alone;
        }

        // 1. Each is judged when it is not asked any more, the loser first: the winner's answer may go on for minutes.
        telemetry.FailedOver("hedge");
        var asked = time.GetTimestamp();
        var isSecond = await Task.WhenAny(one, two) == two;
        for (var i = 0; i < 2; i++, isSecond = !isSecond)
        {
            var (replica, attempted, since) = isSecond ? (second, two, asked) : (first, one, entered);
            if (await attempted is not { } failed)
            {
                continue;
            }

            if (failed.Kind == FailureKind.TimedOut)
            {
                // The limit of time is both's, and is renewed by what is said of either.
                await Task.WhenAll(one, two);
            }

            if (failed.Kind == FailureKind.Overtaken)
            {
                if (!isSecond)
                {
                    // It was at least so late: else it would be taken for quick, and asked first again.
                    var now = time.GetTimestamp();
                    exchange.Took(first, time.GetElapsedTime(entered, now), now);
                }
            }
            else if (isSecond && failed.Kind == FailureKind.TimedOut && time.GetElapsedTime(asked) < options.Value.FirstTokenTimeout / 2)
            {
                // The limit began with the first: this one was asked too late to be blamed.
                exchange.Renew();
            }
            else
            {
                blame(replica, failed, since);
            }
        }

        // 2. Nobody answered only where both failed.
        if (await one is not { } failure || await two is not { Kind: not FailureKind.Overtaken } other)
        {
            return null;
        }

        exchange.Tries.Add(second, other);
        return failure;
    }

    /// <summary>Whether it ends before a second one would be asked.</summary>
    private async Task<bool> IsInTimeAsync(Task one, TimeSpan delay)
    {
        using var enough = new CancellationTokenSource();
        var ended = await Task.WhenAny(one, Task.Delay(delay, time, enough.Token));
        await enough.CancelAsync();
        return ended == one;
    }

    private Task<Failure?> AskAsync(Exchange exchange, Replica second, HedgeLane lane)
    {
        exchange.Tries.Count++;
        return attempt.RunAsync(exchange, second, lane).AsTask();
    }
}
