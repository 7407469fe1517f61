using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>What an attempt that failed means: for the replica, which may be set aside, and for the request, which may be sent again or ends.</summary>
internal sealed partial class FailureJudge(BreakerRules rules, GatewayTelemetry telemetry, IOptions<RetryOptions> retries, TimeProvider time, ILogger<FailureJudge> logger)
{
    /// <summary>A request that brings down replicas which were sound is not shown to the whole fleet.</summary>
    private const int MostSoundBreaks = 2;

    /// <summary>However unsound they were.</summary>
    private const int MostBreaks = 4;

    /// <summary>One that is too long for two replicas is too long for the third.</summary>
    private const int MostTimeouts = 2;

    /// <summary>What the failure says of the replica.</summary>
    public void Blame(Exchange exchange, Replica replica, Failure failure, long entered)
    {
        var now = time.GetTimestamp();
        if (failure.Kind is not FailureKind.WithoutRoute && failure.Final is not { Status: StatusCodes.Status400BadRequest })
        {
            replica.Failed(failure.Answered, time.GetUtcNow());
        }

        switch (failure.Kind)
        {
            case FailureKind.Absent:
                replica.Breaker.Absent(entered, now, rules);
                break;
            case FailureKind.WithoutModel:
                replica.Breaker.Absent(entered, now, rules, SetAsideCause.Away);
                break;
            case FailureKind.Broken:
                exchange.Tries.SoundBreaks += replica.Breaker.IsSound(now, rules) ? 1 : 0;
                exchange.Tries.Breaks++;
                replica.Breaker.Absent(entered, now, rules);
                break;
            case FailureKind.BrokenUnsent:
                exchange.Tries.SoundBreaks++;
                break;
            case FailureKind.Busy:
                replica.Breaker.Paused(now, (long)(failure.RetryAfter.TotalSeconds * time.TimestampFrequency), rules);
                break;
            case FailureKind.TimedOut:
                exchange.Tries.Timeouts++;
                exchange.Renew();
                replica.Breaker.Failed(entered, now, rules, exchange.Deployment.MaySetAside());
                break;
            case FailureKind.Failed when failure.Final is null:
                replica.Breaker.Failed(entered, now, rules, exchange.Deployment.MaySetAside());
                break;
        }
    }

    /// <summary>Whether the request may be sent again.</summary>
    /// <returns>What the client is told if not.</returns>
    public OpenAIError? Judge(Exchange exchange, Replica replica, Failure failure)
    {
        var tries = exchange.Tries;
        if (tries.SoundBreaks >= MostSoundBreaks || tries.Breaks >= MostBreaks)
        {
            LogBrokeAgain(logger, replica.Id, exchange.Deployment.Id, failure.Detail, exchange.Context.TraceIdentifier);
            return OpenAIError.UpstreamBrokeAgain;
        }

        if (failure is { Kind: FailureKind.Failed, Final: { } refused })
        {
            return refused;
        }

        if (failure is { Kind: FailureKind.TimedOut, Final: { } timeout } && (tries.Timeouts >= MostTimeouts || exchange.IsOverdue))
        {
            LogRefused(logger, replica.Id, exchange.Deployment.Id, failure.Detail, exchange.Context.TraceIdentifier);
            return timeout;
        }

        // What no replica had to work for costs none of the budget.
        if (failure.Kind is not FailureKind.Absent and not FailureKind.WithoutModel and not FailureKind.WithoutRoute && !exchange.Deployment.Retries.TryTake(retries.Value, time))
        {
            return failure.Final ?? OpenAIError.RetriesSpent(exchange.Deployment.Name, failure.Answered);
        }

        telemetry.FailedOver(Reason(failure.Kind));
        LogRefused(logger, replica.Id, exchange.Deployment.Id, failure.Detail, exchange.Context.TraceIdentifier);
        return null;
    }

    /// <summary>Whether one of those that failed it may be asked once more.</summary>
    public bool CanAskAgain(Tries tries)
    {
        var now = time.GetTimestamp();
        foreach (var replica in tries.Failed ?? [])
        {
            if (!replica.Breaker.IsOpen(now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the client is told when nobody is left to ask.</summary>
    public OpenAIError NoneLeft(Exchange exchange)
    {
        var name = exchange.Deployment.Name;
        var next = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerSecond, exchange.Deployment.NextTrial() is { } trial and > 0 ? time.GetElapsedTime(time.GetTimestamp(), trial).Ticks : 0));
        return exchange.Tries.Last switch
        {
            { Kind: FailureKind.TimedOut or FailureKind.WithoutRoute, Final: { } told } => told,
            { Kind: FailureKind.Busy or FailureKind.Full, Final: not null } last => OpenAIError.Overloaded(name, last.Kind == FailureKind.Full && last.RetryAfter > next ? last.RetryAfter : next),
            var last when last is { Kind: FailureKind.Failed } || !exchange.Deployment.IsWorthWaiting() => OpenAIError.ReplicasFail(name, last?.Answered ?? "set aside after failures", next),
            _ => OpenAIError.NoReplica(name),
        };
    }

    private static string Reason(FailureKind kind) => kind switch
    {
        FailureKind.Absent => "connection",
        FailureKind.Busy or FailureKind.Full => "busy",
        FailureKind.Broken or FailureKind.BrokenUnsent => "broken",
        FailureKind.TimedOut => "timeout",
        _ => "status",
    };

    [LoggerMessage(1101, LogLevel.Warning, "Replica {Replica} of deployment {Deployment} gave no answer ({Reason}). Request {RequestId}")]
    private static partial void LogRefused(ILogger logger, string replica, string deployment, string reason, string requestId);

    [LoggerMessage(1103, LogLevel.Error, "Replica {Replica} of deployment {Deployment} broke the connection too ({Reason}); no other is asked. Request {RequestId}")]
    private static partial void LogBrokeAgain(ILogger logger, string replica, string deployment, string reason, string requestId);
}
