using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Asks a second replica for a stream whose first token is late (Dean and Barroso, The Tail at Scale, 2013), where the deployment's policy says after what time. It is paid from the budget of retries, so
/// that replicas which are slow because they are full are not asked twice for everything. What the later one computed is on nobody's bill: the client gets one answer.
/// </summary>
internal sealed class Hedging(ReplicaAttempt attempt, ReplicaChooser chooser, GatewayTelemetry telemetry, IOptions<RetryOptions> retries, TimeProvider time)
{
    /// <summary>After what time, where a second replica could be asked for this request at all.</summary>
    public static TimeSpan? DelayOf(Exchange exchange) => exchange is { Stream: true, Deployment: { Replicas.Length: > 1, Route.Routing.HedgeAfter: { } delay } } ? delay : null;

    /// <param name="blame">Is told of a replica that failed while the other one answered, and since when it had been asked.</param>
    /// <returns>As <see cref="ReplicaAttempt.RunAsync"/> of the first.</returns>
    public async Task<Failure?> RunAsync(Exchange exchange, Replica first, TimeSpan delay, Action<Replica, Failure, long> blame)
    {
        using var race = new HedgeRace(exchange);
        var entered = time.GetTimestamp();
        var one = attempt.RunAsync(exchange, first, race.First);
        race.First.Ended = one;
        using (var enough = new CancellationTokenSource())
        {
            var late = Task.Delay(delay, time, enough.Token);
            var ended = await Task.WhenAny(one, late);
            await enough.CancelAsync();
            if (ended == one)
            {
                return await one;
            }
        }

        if (race.Winner is not null || exchange.ClientLeft || chooser.ChooseSecond(exchange.Deployment, exchange.Stream, first, exchange.Tries.Failed) is not { } second
            || !exchange.Deployment.Retries.TryTake(retries.Value, time) || !race.TryJoin(lane => AskAsync(exchange, second, lane), out var two))
        {
            return await one;
        }

        telemetry.FailedOver("hedge");
        var asked = time.GetTimestamp();
        var (failure, other) = (await one, await two);

        // What is said of replicas is said when neither is asked any more: a limit of time is renewed by it.
        if (other is { Kind: not FailureKind.Overtaken })
        {
            blame(second, other, asked);
            if (failure is not null)
            {
                exchange.Tries.Add(second, other);
                return failure;
            }
        }

        if (failure is null)
        {
            return null;
        }

        if (failure.Kind == FailureKind.Overtaken)
        {
            // It was at least so late: else it would be taken for quick, and asked first again.
            first.Latency(exchange.Stream).Add(time.GetElapsedTime(entered, time.GetTimestamp()), time.GetTimestamp());
        }
        else
        {
            blame(first, failure, entered);
        }

        return null;
    }

    private async Task<Failure?> AskAsync(Exchange exchange, Replica second, HedgeLane lane)
    {
        exchange.Tries.Count++;
        second.Begin(time.GetTimestamp());
        try
        {
            return await attempt.RunAsync(exchange, second, lane);
        }
        finally
        {
            second.End();
        }
    }
}
