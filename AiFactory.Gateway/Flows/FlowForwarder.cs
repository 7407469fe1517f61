using System.Collections.Concurrent;
using System.Net;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Flows;

/// <summary>
/// Brings a chat with a published flow to the builder, and the answer to the client as it comes. It is asked once: a run has effects, so nothing here repeats one.
/// </summary>
internal sealed partial class FlowForwarder(
    FlowClient client,
    UpstreamRequest requests,
    GatewayTelemetry telemetry,
    IOptions<ForwardingOptions> options,
    ILogger<FlowForwarder> logger)
{
    private readonly ForwardingOptions _options = options.Value;

    /// <summary>Flows that have answered: only their names are labels, for any other may be made up. There are no more of them than were ever published.</summary>
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    public async Task ForwardAsync(Exchange exchange)
    {
        var flow = exchange.Deployment;
        var limit = exchange.Stream ? _options.FirstTokenTimeout : _options.CompletionTimeout;
        exchange.Limit(limit);
        using var request = requests.CreateForBuilder(exchange, new Uri(FlowClient.BaseAddress, exchange.Operation.Path));
        exchange.Deployment = _known.ContainsKey(flow.Name) ? flow : FlowModel.Unknown;
        try
        {
            using var response = await client.SendAsync(request, exchange.Token);
            switch (response.StatusCode)
            {
                case HttpStatusCode.Unauthorized:
                    LogIdentityRefused(logger);
                    await RejectAsync(exchange, OpenAIError.BuilderRefused);
                    return;
                case HttpStatusCode.NotFound:
                    exchange.Deployment = FlowModel.Unknown;
                    await RejectAsync(exchange, OpenAIError.ModelNotFound(flow.Name));
                    return;
            }

            if (response.IsSuccessStatusCode)
            {
                _known.TryAdd(flow.Name, true);
                exchange.Deployment = flow;
            }

            await using var relay = new AnswerRelay(exchange, response, _options);
            await relay.ReadFirstAsync();
            exchange.ReleaseBody();
            await relay.RunAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or HttpRequestException or IOException && exchange.ClientLeft)
        {
            // So does our request, and the builder cancels the run.
            exchange.Error = "client_left";
        }
        catch (OperationCanceledException) when (exchange.Token.IsCancellationRequested)
        {
            await RejectAsync(exchange, exchange.Stream ? OpenAIError.FirstTokenTimeout(limit) : OpenAIError.CompletionTimeout(limit));
        }
        catch (Exception error) when (error is OperationCanceledException or HttpRequestException or IOException && !exchange.Context.Response.HasStarted)
        {
            LogFailed(logger, error.Message, exchange.Context.TraceIdentifier);
            await RejectAsync(exchange, IsUnconnected(error) ? OpenAIError.BuilderUnavailable(flow.Name) : OpenAIError.BuilderBroke);
        }
    }

    /// <summary>The builder has seen nothing of the request: it may be sent again. A cancellation that is not ours is the limit of the connection's making.</summary>
    private static bool IsUnconnected(Exception error) => error is OperationCanceledException or HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
    };

    private async Task RejectAsync(Exchange exchange, OpenAIError error)
    {
        exchange.Error = error.Reason;
        telemetry.Rejected(error.Reason);
        exchange.Unlimit();
        await OpenAIErrorWriter.WriteAsync(exchange.Context, error);
    }

    [LoggerMessage(1301, LogLevel.Warning, "The builder gave no answer to a chat with a flow ({Reason}). Request {RequestId}")]
    private static partial void LogFailed(ILogger logger, string reason, string requestId);

    [LoggerMessage(1302, LogLevel.Error, "The builder refused the gateway's internal identity: is Identity:Key the same in every service?")]
    private static partial void LogIdentityRefused(ILogger logger);
}
