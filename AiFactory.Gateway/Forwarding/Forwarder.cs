using System.Runtime.CompilerServices;
using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Queueing;
using AiFactory.Gateway.Rollouts;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Brings an operation to a replica that answers it, and the answer to the client.</summary>
internal sealed partial class Forwarder(
    CurrentRoutes routes,
    TrafficRouter traffic,
    ShadowTraffic shadow,
    ReplicaChooser chooser,
    ReplicaAttempt attempt,
    Hedging hedging,
    ReplicaWait wait,
    Caches caches,
    RequestQueue queue,
    FailureJudge judge,
    OpenRequests open,
    GatewayTelemetry telemetry,
    IOptions<ForwardingOptions> options,
    IOptions<RetryOptions> retries,
    TimeProvider time,
    ILogger<Forwarder> logger)
{
    private readonly ForwardingOptions _options = options.Value;

    /// <summary>The operation, from a replica's choice to the answer's last byte. It never throws for what a replica or a client does.</summary>
    public ValueTask ForwardAsync(Exchange exchange)
    {
        if (Stop(exchange) is { } early)
        {
            return new ValueTask(RejectAsync(exchange, early));
        }

        // What two models say of a part cannot be compared, and who sets a policy of traffic would choose whom a rule asks.
        if (!exchange.IsPart)
        {
            exchange.Deployment = exchange.First ?? traffic.First(exchange);
            exchange.Variant = exchange.Named.Route is { Traffic: null, Rollout: null } ? null : exchange.Chosen;
            exchange.RolloutStep = exchange.Named.Route.Rollout?.Since;
        }

        return exchange.Named.Route.Cache is { } policy
            ? new ValueTask(caches.AnswerAsync(exchange, policy, answered => ForwardInTurnAsync(answered).AsTask()))
            : ForwardInTurnAsync(exchange);
    }

    /// <summary>A request that waits in no queue has no state machine for it. A part waits in none: the place that it would wait for may be that of the request that waits for it.</summary>
    private ValueTask ForwardInTurnAsync(Exchange exchange)
    {
        exchange.BeginDeployment();
        return queue.IsOn && !exchange.IsPart ? new ValueTask(WaitAndAnswerAsync(exchange)) : AnswerAsync(exchange);
    }

    private async Task WaitAndAnswerAsync(Exchange exchange)
    {
        var entered = exchange.Deployment;
        var (admitted, refusal) = await queue.EnterAsync(exchange);
        while (refusal is not null)
        {
            // Whoever is chosen by latency is made good by the others where its queue is full. Who has waited in one as long as they would has no time left for another's.
            var mayTurn = refusal.Status == StatusCodes.Status429TooManyRequests && exchange.IsByLatency;
            if (!mayTurn || !TryFallBack(exchange, "its queue is full"))
            {
                await FailAsync(exchange, refusal);
                return;
            }

            entered = exchange.Deployment;
            (admitted, refusal) = await queue.EnterAsync(exchange);
        }

        if (!admitted)
        {
            exchange.Error ??= "client_left";
            return;
        }

        try
        {
            await AnswerAsync(exchange);
        }
        finally
        {
            queue.Leave(entered);
        }
    }

    private ValueTask AnswerAsync(Exchange exchange) => exchange.RolloutStep is null ? AnswerNowAsync(exchange) : open.WatchAsync(exchange, AnswerNowAsync);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerNowAsync(Exchange exchange)
    {
        var tries = exchange.Tries;
        if (!exchange.IsPart && Stop(exchange) is null)
        {
            // The snapshot that came while it waited may have revoked it.
            shadow.Send(exchange);
        }

        var affinity = exchange.Deployment.Replicas.Length > 1 ? RequestAffinity.Of(exchange.Context.Request, exchange.Body) : default;
        exchange.Deployment.Retries.Deposit(time);
        while (!exchange.ClientLeft)
        {
            // 0. The snapshot that came while it waited, or while a replica refused it, may have revoked what it began with. Or its time is up.
            if (Stop(exchange) is { } stop)
            {
                await RejectAsync(exchange, stop);
                return;
            }

            // 1. A replica that has not failed it; when all have, a short wait before they are asked again; while there is none, a bounded one for one to come.
            var replica = chooser.Choose(exchange.Deployment, affinity, exchange.Stream, tries.Failed, out var reason);
            if (replica is null)
            {
                if (judge.CanAskAgain(tries))
                {
                    if (tries.Rounds < retries.Value.MostRounds)
                    {
                        await wait.BeforeRoundAsync(exchange);
                    }
                    else if (!TryFallBack(exchange))
                    {
                        await FailAsync(exchange, judge.NoneLeft(exchange));
                        return;
                    }
                }
                else if (TryFallBack(exchange))
                {
                    // Another model answers sooner than this one comes back.
                }
                else if (chooser.ChoosePaused(exchange.Deployment, tries.Failed) is { } paused)
                {
                    (replica, reason) = (paused, ChoiceReason.Trial);
                }
                else if (!exchange.Deployment.IsWorthWaiting() || !await wait.ForReplicaAsync(exchange))
                {
                    await FailAsync(exchange, judge.NoneLeft(exchange));
                    return;
                }

                if (replica is null)
                {
                    continue;
                }
            }

            // 2. Ask it. Until the client has seen a byte, another may be asked instead.
            if (await AskAsync(exchange, replica, reason) is not { } failure)
            {
                return;
            }

            tries.Add(replica, failure);
            if (judge.Judge(exchange, replica, failure) is { } final && !(final.IsPassing && TryFallBack(exchange)))
            {
                await FailAsync(exchange, final);
                return;
            }
        }

        exchange.Error ??= "client_left";
    }

    /// <summary>Why nobody is to be asked any more: of what was named, and of what stands in for it, the newest snapshot counts.</summary>
    private OpenAIError? Stop(Exchange exchange) => Revocation(exchange.Named) ?? Revocation(exchange.Deployment) ?? (exchange.IsOverdue ? OpenAIError.TotalTimeout(_options.TotalTimeout) : null);

    private OpenAIError? Revocation(Deployment deployment) =>
        (routes.Table?.Deployments.GetValueOrDefault(deployment.Route.Id) ?? deployment).Route is { Revoked: not null } revoked ? OpenAIError.ModelRevoked(revoked) : null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Failure?> AskAsync(Exchange exchange, Replica replica, ChoiceReason reason)
    {
        (exchange.Replica, exchange.Choice) = (replica, reason);
        exchange.Tries.Count++;
        ChoiceNote.Write(exchange);
        if (Hedging.DelayOf(exchange) is { } delay)
        {
            return await HedgeAsync(exchange, replica, delay);
        }

        var entered = time.GetTimestamp();
        var failure = await attempt.RunAsync(exchange, replica);
        if (failure is not null)
        {
            judge.Blame(exchange, replica, failure, entered);
        }

        return failure;
    }

    /// <summary>Of its own, for what it captures would else be allocated for each request.</summary>
    private Task<Failure?> HedgeAsync(Exchange exchange, Replica replica, TimeSpan delay) => hedging.RunAsync(exchange, replica, delay, (one, failed, since) => judge.Blame(exchange, one, failed, since));

    /// <param name="why">Where no replica was asked.</param>
    private bool TryFallBack(Exchange exchange, string why = "none of its replicas can be asked")
    {
        if (exchange.IsPart || exchange.IsOverdue || traffic.Next(exchange) is not { } next)
        {
            return false;
        }

        LogFellBack(logger, exchange.Deployment.Id, next.Id, exchange.Tries.Last?.Answered ?? why, exchange.Context.TraceIdentifier);
        telemetry.FailedOver("fallback");
        exchange.CouldNotAnswer();
        exchange.FallBack(next);
        exchange.Tries.BeginDeployment();
        next.Retries.Deposit(time);
        return true;
    }

    /// <summary>Nobody is left to be asked.</summary>
    private Task FailAsync(Exchange exchange, OpenAIError error)
    {
        exchange.CouldNotAnswer();
        return RejectAsync(exchange, error);
    }

    private async Task RejectAsync(Exchange exchange, OpenAIError error)
    {
        exchange.Error = error.Reason;
        telemetry.Rejected(error.Reason);
        exchange.Unlimit();
        ChoiceNote.WriteHeader(exchange, _options);
        if (exchange.Context.Features.Get<WorkOwner>() is { } work)
        {
            work.Breaks = exchange.Tries.Breaks;
        }

        await OpenAIErrorWriter.WriteAsync(exchange.Context, error);
    }

    [LoggerMessage(1105, LogLevel.Warning, "Deployment {Deployment} could not answer ({Reason}); {Fallback} is asked in its place. Request {RequestId}")]
    private static partial void LogFellBack(ILogger logger, string deployment, string fallback, string reason, string requestId);
}
