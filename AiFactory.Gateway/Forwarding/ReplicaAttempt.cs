using System.Net;
using System.Runtime.CompilerServices;
using AiFactory.Contracts;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Upstreams;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Asks one replica. Until the client has seen a byte of it, what goes wrong is told to the caller, who may ask another.</summary>
internal sealed partial class ReplicaAttempt(
    UpstreamClient client,
    UpstreamRequest requests,
    UpstreamRefusals refusals,
    BreakerRules rules,
    IOptions<ForwardingOptions> options,
    TimeProvider time,
    ILogger<ReplicaAttempt> logger)
{
    /// <summary>What every request may meet is told once in so long.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly ForwardingOptions _options = options.Value;
    private long _toldAt;

    /// <param name="lane">Its part of a race, where another replica is asked for the same at the same time, or may be.</param>
    /// <returns>Null when the client has its answer, whole or not, or has left.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Failure?> RunAsync(Exchange exchange, Replica replica, HedgeLane? lane = null)
    {
        var deployment = exchange.Deployment;
        if (deployment.Upstream is { Problem: { } problem } unusable)
        {
            return new Failure(FailureKind.Failed, "an upstream that cannot be asked", problem) { Final = OpenAIError.UpstreamUnusable(deployment.Name, unusable.Name, problem) };
        }

        var limit = exchange.Stream ? _options.FirstTokenTimeout : _options.CompletionTimeout;
        limit = exchange.MostOfAttempt is { } most && most < limit ? most : limit;
        var entered = time.GetTimestamp();
        if (lane is not { IsSecond: true })
        {
            exchange.Limit(limit);
        }

        var token = lane?.Token ?? exchange.Token;
        using var request = requests.Create(exchange, deployment.Target(replica, exchange.Operation), out var untranslated);
        if (request is null)
        {
            return new Failure(FailureKind.Failed, "a request that its service has no place for", untranslated?.Body.Message ?? "") { Final = untranslated };
        }

        // What is not ours is one address, whatever is behind it: there is nothing to choose, and nothing to believe.
        var asksLoad = !deployment.Route.External && replica.Load.ShouldAsk(entered, time.TimestampFrequency);
        if (asksLoad)
        {
            request.Headers.TryAddWithoutValidation(WireHeaders.LoadFormat, LoadReport.Format);
        }

        replica.Begin(entered);
        try
        {
            // 1. The answer's head.
            using var response = await client.SendAsync(request, deployment, token);
            if (asksLoad)
            {
                HearLoad(exchange, replica, response);
            }

            if (deployment.Upstream is { SpeaksAnthropic: true } && !await UpstreamMessage.TranslateAsync(request, response, time.GetUtcNow(), token))
            {
                return new Failure(FailureKind.Failed, "an answer that cannot be read", "status 200, and no message of Anthropic's");
            }

            await using var relay = new AnswerRelay(exchange, response, _options) { Opened = lane?.Token };
            var credential = response.StatusCode >= HttpStatusCode.BadRequest ? deployment.Upstream?.Credential : null;
            var tellsCode = credential is not null || response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
            var code = tellsCode ? await relay.ReadErrorAsync() : null;
            if (Refusal(exchange, replica, response, code) is { } refusal)
            {
                return refusal;
            }

            // 2. Its first token, or what it says in place of it.
            if (!tellsCode)
            {
                await relay.ReadFirstAsync(look: true);
            }

            if (relay.Opening != AnswerOpening.Answer)
            {
                return NoAnswer(relay.Opening);
            }

            // 3. All of it. Nothing is repeated from here on, and no other replica has a part in it.
            var status = IsOwnDeadline(exchange, code) ? HttpStatusCode.BadRequest : response.StatusCode;
            var isError = status >= HttpStatusCode.InternalServerError;
            if (lane is not null && !await lane.WinAsync(replica, isError))
            {
                exchange.Context.RequestAborted.ThrowIfCancellationRequested();
                return isError ? new Failure(FailureKind.Failed, $"status {(int)status}", $"status {(int)status}") : Failure.Overtaken;
            }

            Settle(exchange, replica, status, entered);
            exchange.ReleaseBody();
            await (credential is null || relay.IsFreeOf(credential) ? relay.RunAsync() : relay.ReplaceAsync(OpenAIError.UpstreamSaid((int)response.StatusCode)));
            if (exchange.Error is not (null or "client_left") && IsOwnDeadline(exchange, code))
            {
                // The ledger knows it apart from what the replica is to blame for.
                exchange.Error = ErrorCode.DeadlineExceeded;
            }

            CheckUsage(exchange);
            return null;
        }
        catch (Exception error) when (lane is { IsLost: true } && error is OperationCanceledException or HttpRequestException or IOException)
        {
            return Failure.Overtaken;
        }
        catch (Exception error) when (error is OperationCanceledException or HttpRequestException or IOException && exchange.ClientLeft)
        {
            exchange.Error = "client_left";
            return null;
        }
        catch (OperationCanceledException) when (exchange.Token.IsCancellationRequested && !exchange.Context.Response.HasStarted)
        {
            var timeout = exchange.IsOverdue ? OpenAIError.TotalTimeout(_options.TotalTimeout)
                : exchange.Stream ? OpenAIError.FirstTokenTimeout(limit)
                : OpenAIError.CompletionTimeout(limit);
            return new Failure(FailureKind.TimedOut, "no answer in time", $"{timeout.Reason} of {limit.TotalSeconds} s") { Final = timeout };
        }
        catch (OperationCanceledException slow) when (!exchange.Context.Response.HasStarted)
        {
            // Not our token: the connection took longer than the handler's limit.
            return new Failure(FailureKind.Absent, "no connection in time", slow.InnerException?.Message ?? slow.Message);
        }
        catch (HttpRequestException error) when (IsUnconnected(error))
        {
            return new Failure(FailureKind.Absent, "no connection", error.Message);
        }
        catch (HttpRequestException error) when (error.HttpRequestError is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded)
        {
            return new Failure(FailureKind.Failed, "an answer that is not HTTP", error.Message);
        }
        catch (Exception error) when (error is HttpRequestException or IOException && !exchange.Context.Response.HasStarted)
        {
            var sent = request.Content is RequestContent { IsSent: true };
            return new Failure(sent ? FailureKind.Broken : FailureKind.BrokenUnsent, "a broken connection", error.Message);
        }
        finally
        {
            replica.End();
        }
    }

    /// <summary>Nothing was sent: any number of replicas may be tried.</summary>
    private static bool IsUnconnected(HttpRequestException error) =>
        error.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;

    private static Failure NoAnswer(AnswerOpening opening) => opening switch
    {
        AnswerOpening.Error => new Failure(FailureKind.Failed, "an error in place of the first token", "status 200, and an error in place of the first token"),
        AnswerOpening.Garbage => new Failure(FailureKind.Failed, "an answer that is neither JSON nor events", "status 200, and neither JSON nor events"),
        _ => new Failure(FailureKind.Failed, "an empty answer", "status 200, and an end before the first token"),
    };

    /// <summary>
    /// Whether it refused what the client asked for, which says nothing of the replica: else one client could have it set aside for all. Without a time of the client's own the request waited for as
    /// long as the replica lets anybody wait.
    /// </summary>
    private static bool IsOwnDeadline(Exchange exchange, string? code) =>
        code == ErrorCode.DeadlineExceeded && exchange.Context.Request.Headers.ContainsKey(WireHeaders.FirstTokenMilliseconds);

    private Failure? Refusal(Exchange exchange, Replica replica, HttpResponseMessage response, string? code)
    {
        if (exchange.Deployment.Upstream is { } upstream)
        {
            if (UpstreamRefusals.IsOfPrompt(response.StatusCode, code))
            {
                return null;
            }

            if (refusals.Of(exchange, upstream, response.StatusCode, code) is { } refused)
            {
                return refused;
            }
        }

        var status = (int)response.StatusCode;
        switch (response.StatusCode)
        {
            // It no longer has the deployment that the snapshot says it has.
            case HttpStatusCode.NotFound when code == ErrorCode.ModelNotFound:
                return new Failure(FailureKind.WithoutModel, "status 404", "status 404");
            case HttpStatusCode.NotFound when exchange.Operation.IsOptional:
                return new Failure(FailureKind.WithoutRoute, "status 404", "status 404") { Final = OpenAIError.NotByEngine(exchange.Deployment.Name, exchange.Operation.Path) };
            case HttpStatusCode.ServiceUnavailable when IsOwnDeadline(exchange, code):
                return null;
            case HttpStatusCode.ServiceUnavailable when code == ErrorCode.EngineDied:
                return new Failure(FailureKind.Broken, "status 503", "status 503, and the model's process ended over it");
            case HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable when code != ErrorCode.QueueFull && Wait(response) is { } wait:
                return new Failure(FailureKind.Busy, $"status {status}", $"status {status}, again in {wait.TotalSeconds:0.#} s")
                {
                    RetryAfter = wait,
                    Final = response.StatusCode == HttpStatusCode.TooManyRequests ? OpenAIError.Overloaded(exchange.Deployment.Name, wait) : null,
                };
            case HttpStatusCode.TooManyRequests:
                var turn = Wait(response) ?? TimeSpan.FromSeconds(1);
                return new Failure(FailureKind.Full, "status 429", "status 429") { RetryAfter = turn, Final = OpenAIError.Overloaded(exchange.Deployment.Name, turn) };
            case HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout:
                return new Failure(FailureKind.Failed, $"status {status}", $"status {status}");
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                LogIdentityRefused(logger, replica.Id, status);
                return new Failure(FailureKind.Failed, $"status {status}", $"status {status}") { Final = OpenAIError.UpstreamRefused };
            default:
                return null;
        }
    }

    /// <summary>A whole answer's request has ended there; that of a stream is one of those that it tells of, as all others are that are under way from here.</summary>
    private void HearLoad(Exchange exchange, Replica replica, HttpResponseMessage response)
    {
        if (LoadReport.TryRead(response, out var report))
        {
            var own = replica.InFlight - (exchange.Stream && response.IsSuccessStatusCode ? 0 : 1);
            replica.Load.Hear(report, own, time.GetTimestamp());
        }
    }

    /// <summary>RFC 9110, section 10.2.3: seconds, or a date.</summary>
    private TimeSpan? Wait(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        return (header?.Delta ?? header?.Date - time.GetUtcNow()) is { } wait && wait > TimeSpan.Zero ? wait : null;
    }

    /// <summary>A context that is set too small would have its requests paid in part, which an operator should hear of; but not with each of them.</summary>
    private void CheckUsage(Exchange exchange)
    {
        if (exchange is not { Told: { } told, Usage: { } counted } || told == counted)
        {
            return;
        }

        var (last, now) = (Interlocked.Read(ref _toldAt), time.GetTimestamp());
        if ((last == 0 || time.GetElapsedTime(last, now) >= Silence) && Interlocked.CompareExchange(ref _toldAt, now, last) == last)
        {
            LogBeyondContext(logger, exchange.Deployment.Name, told.Input, told.Output, exchange.Deployment.Route.ContextLength, counted.Input, counted.Output);
        }
    }

    private void Settle(Exchange exchange, Replica replica, HttpStatusCode status, long entered)
    {
        var now = time.GetTimestamp();
        if (status >= HttpStatusCode.InternalServerError)
        {
            // It passes to the client: the same request may well fail again elsewhere. The replica is judged by it all the same.
            replica.Breaker.Failed(entered, now, rules, exchange.Deployment.MaySetAside());
            replica.Failed($"status {(int)status}", time.GetUtcNow());
            exchange.CouldNotAnswer();
            return;
        }

        replica.Breaker.Succeeded(now, rules);
        if (status < HttpStatusCode.BadRequest)
        {
            exchange.Took(replica, time.GetElapsedTime(entered, now), now);
            exchange.Answered(now);
        }
    }

    [LoggerMessage(1106, LogLevel.Warning, "Deployment {Deployment} tells a usage of {Input} and {Output} tokens, more than fits its context of {Context}: {CountedInput} and {CountedOutput} are counted. Is the context's length right? This is told once a minute")]
    private static partial void LogBeyondContext(ILogger logger, string deployment, long? input, long? output, int context, long? countedInput, long? countedOutput);

    [LoggerMessage(1102, LogLevel.Error, "Replica {Replica} refused the gateway's internal identity with {Status}: is Identity:Key the same in every service?")]
    private static partial void LogIdentityRefused(ILogger logger, string replica, int status);
}
