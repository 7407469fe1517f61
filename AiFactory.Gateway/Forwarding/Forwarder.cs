using System.Net;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Brings an operation to a replica that answers it, and the answer to the client.</summary>
internal sealed partial class Forwarder(
    CurrentRoutes routes,
    UpstreamClient client,
    UpstreamRequest requests,
    GatewayTelemetry telemetry,
    IOptions<ForwardingOptions> options,
    TimeProvider time,
    ILogger<Forwarder> logger)
{
    /// <summary>A request that brings a replica down is not shown to the whole fleet.</summary>
    private const int MostBreaks = 2;

    private readonly ForwardingOptions _options = options.Value;

    private enum Attempt
    {
        /// <summary>The client has its answer, whole or not.</summary>
        Ended,

        /// <summary>The replica gave nothing, and the client has seen nothing.</summary>
        Refused,
    }

    /// <summary>The operation, from a replica's choice to the answer's last byte. It never throws for what a replica or a client does.</summary>
    public async Task ForwardAsync(Exchange exchange)
    {
        long? deadline = null;
        while (!exchange.ClientLeft)
        {
            // 0. The snapshot that came while it waited, or while a replica refused it, may have revoked what it began with.
            var newest = routes.Table?.Deployments.GetValueOrDefault(exchange.Deployment.Route.Id);
            if ((newest ?? exchange.Deployment).Route is { Revoked: not null } revoked)
            {
                await RejectAsync(exchange, OpenAIError.ModelRevoked(revoked));
                return;
            }

            // 1. A replica; while there is none, a bounded wait for one to come.
            var replica = exchange.Deployment.Choose(time);
            if (replica is null)
            {
                deadline ??= time.GetTimestamp() + Ticks(_options.ReplicaWait);
                if (!await WaitAsync(exchange, deadline.Value))
                {
                    await RejectAsync(exchange, OpenAIError.NoReplica(exchange.Deployment.Name));
                    return;
                }

                continue;
            }

            // 2. Ask it. Until the client has seen a byte, another may be asked instead.
            exchange.Replica = replica;
            replica.Begin();
            try
            {
                if (await TryAsync(exchange, replica) == Attempt.Ended)
                {
                    return;
                }
            }
            finally
            {
                replica.End();
            }
        }

        exchange.Error ??= "client_left";
    }

    private async Task<Attempt> TryAsync(Exchange exchange, Replica replica)
    {
        var limit = exchange.Stream ? _options.FirstTokenTimeout : _options.CompletionTimeout;
        var entered = time.GetTimestamp();
        exchange.Limit(limit);
        using var request = requests.Create(exchange, replica.Target(exchange.Operation));
        try
        {
            using var response = await client.SendAsync(request, exchange.Token);
            switch (response.StatusCode)
            {
                // The replica cannot serve it now, or no longer has the deployment that the snapshot says it has.
                case HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.NotFound:
                    return Refused(exchange, replica, entered, "status", response.StatusCode.ToString());
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                    LogIdentityRefused(logger, replica.Id, (int)response.StatusCode);
                    await RejectAsync(exchange, OpenAIError.UpstreamRefused);
                    return Attempt.Ended;
            }

            await using var relay = new AnswerRelay(exchange, response, _options);
            await relay.ReadFirstAsync();
            replica.Succeeded();
            exchange.ReleaseBody();
            await relay.RunAsync();
            return Attempt.Ended;
        }
        catch (OperationCanceledException) when (exchange.Token.IsCancellationRequested)
        {
            return await EndEarlyAsync(exchange, exchange.Stream ? OpenAIError.FirstTokenTimeout(limit) : OpenAIError.CompletionTimeout(limit));
        }
        catch (OperationCanceledException slow)
        {
            // Not our token: the connection took longer than the handler's limit.
            return Refused(exchange, replica, entered, "connection", slow.InnerException?.Message ?? slow.Message);
        }
        catch (HttpRequestException error) when (IsUnconnected(error) && !exchange.ClientLeft)
        {
            return Refused(exchange, replica, entered, "connection", error.Message);
        }
        catch (Exception error) when (error is HttpRequestException or IOException && !exchange.Context.Response.HasStarted)
        {
            return exchange.ClientLeft
                ? await EndEarlyAsync(exchange, OpenAIError.UpstreamBroke)
                : await BrokeAsync(exchange, replica, entered, request.Content is RequestContent { IsSent: true }, error.Message);
        }
    }

    /// <summary>Nothing was sent: any number of replicas may be tried.</summary>
    private static bool IsUnconnected(HttpRequestException error) =>
        error.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;

    /// <summary>A connection that was open broke without an answer: perhaps over this very request, so it is tried once more and no further.</summary>
    /// <param name="sent">Whether the request was sent whole; a replica that stopped reading it may be healthy, and is not passed over.</param>
    private async Task<Attempt> BrokeAsync(Exchange exchange, Replica replica, long entered, bool sent, string detail)
    {
        if (sent)
        {
            replica.Eject(entered, time, _options.LongestEjection);
        }

        if (++exchange.Breaks < MostBreaks)
        {
            telemetry.FailedOver("broken");
            LogRefused(logger, replica.Id, exchange.Deployment.Id, detail, exchange.Context.TraceIdentifier);
            return Attempt.Refused;
        }

        LogBrokeAgain(logger, replica.Id, exchange.Deployment.Id, detail, exchange.Context.TraceIdentifier);
        await RejectAsync(exchange, OpenAIError.UpstreamBrokeAgain);
        return Attempt.Ended;
    }

    private Attempt Refused(Exchange exchange, Replica replica, long entered, string reason, string detail)
    {
        replica.Eject(entered, time, _options.LongestEjection);
        telemetry.FailedOver(reason);
        LogRefused(logger, replica.Id, exchange.Deployment.Id, detail, exchange.Context.TraceIdentifier);
        return Attempt.Refused;
    }

    private async Task<Attempt> EndEarlyAsync(Exchange exchange, OpenAIError timeout)
    {
        if (exchange.ClientLeft)
        {
            exchange.Error = "client_left";
        }
        else
        {
            await RejectAsync(exchange, timeout);
        }

        return Attempt.Ended;
    }

    private async Task RejectAsync(Exchange exchange, OpenAIError error)
    {
        exchange.Error = error.Reason;
        telemetry.Rejected(error.Reason);
        exchange.Unlimit();
        await OpenAIErrorWriter.WriteAsync(exchange.Context, error);
    }

    /// <summary>
    /// Waits until a replica may be asked again or another snapshot is there, of which it then takes the deployment: the one that the request began with has no replica left.
    /// </summary>
    /// <returns>False when the time is up.</returns>
    private async Task<bool> WaitAsync(Exchange exchange, long deadline)
    {
        var began = time.GetTimestamp();
        var changed = routes.Changed;
        var newest = routes.Table?.Deployments.GetValueOrDefault(exchange.Deployment.Route.Id);
        if (newest is not null && newest != exchange.Deployment)
        {
            exchange.Deployment = newest;
            return true;
        }

        if (newest is null || began >= deadline)
        {
            return false;
        }

        // A millisecond more than needed, for timers count in whole ones.
        var until = Math.Min(exchange.Deployment.NextTrial() ?? deadline, deadline) + Ticks(TimeSpan.FromMilliseconds(1));
        exchange.Unlimit();
        try
        {
            await changed.WaitAsync(time.GetElapsedTime(began, Math.Max(until, began + 1)), time, exchange.Token);
        }
        catch (TimeoutException)
        {
            // A replica's ejection is over, or the wait is.
        }
        catch (OperationCanceledException)
        {
            // The client left: the caller sees it.
        }

        telemetry.Waited(time.GetElapsedTime(began));
        return true;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(1101, LogLevel.Warning, "Replica {Replica} of deployment {Deployment} gave no answer ({Reason}); another is asked. Request {RequestId}")]
    private static partial void LogRefused(ILogger logger, string replica, string deployment, string reason, string requestId);

    [LoggerMessage(1103, LogLevel.Error, "Replica {Replica} of deployment {Deployment} broke the connection too ({Reason}); no other is asked. Request {RequestId}")]
    private static partial void LogBrokeAgain(ILogger logger, string replica, string deployment, string reason, string requestId);

    [LoggerMessage(1102, LogLevel.Error, "Replica {Replica} refused the gateway's internal identity with {Status}: is Identity:Key the same in every service?")]
    private static partial void LogIdentityRefused(ILogger logger, string replica, int status);
}
