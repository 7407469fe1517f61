using AiFactory.Gateway.Routing;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Sends copies of requests to a deployment whose answers nobody sees: no client waits for one, and none is billed. So none goes to an upstream, which would bill each of them past every
/// budget. What does not fit in the bounds is left out.
/// </summary>
internal sealed partial class ShadowTraffic(
    TrafficRouter router,
    ReplicaChooser chooser,
    UpstreamClient client,
    UpstreamRequest requests,
    IHostApplicationLifetime host,
    IOptions<ForwardingOptions> options,
    TimeProvider time,
    ILogger<ShadowTraffic> logger)
{
    private const int MostAtOnce = 16;
    private const int LargestBody = 256 * 1024;

    private int _running;

    public void Send(Exchange exchange)
    {
        if (exchange.Named.Route.Traffic?.Shadow is not { } shadow
            || exchange.Body.Count > LargestBody
            || Random.Shared.Next(100) >= shadow.Percent
            || router.Find(exchange.Named, shadow.Deployment, exchange.Operation) is not { Upstream: null } target)
        {
            return;
        }

        if (Interlocked.Increment(ref _running) > MostAtOnce || chooser.ChooseSpare(target, exchange.Stream) is not { } replica)
        {
            Interlocked.Decrement(ref _running);
            return;
        }

        // Made here: the client's request and its body are gone when the copy is on its way.
        if (requests.CreateCopy(exchange, target, target.Target(replica, exchange.Operation)) is not { } request)
        {
            Interlocked.Decrement(ref _running);
            return;
        }

        _ = RunAsync(request, target, replica, exchange.Context.TraceIdentifier);
    }

    private async Task RunAsync(HttpRequestMessage request, Deployment target, Replica replica, string requestId)
    {
        var entered = time.GetTimestamp();
        replica.Begin(entered);
        try
        {
            using var limit = new CancellationTokenSource(options.Value.CompletionTimeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, host.ApplicationStopping);
            using var response = await client.SendAsync(request, target, both.Token);
            await response.Content.CopyToAsync(Stream.Null, both.Token);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            LogFailed(logger, replica.Id, error.Message, requestId);
        }
        finally
        {
            replica.End();
            request.Dispose();
            Interlocked.Decrement(ref _running);
        }
    }

    [LoggerMessage(1104, LogLevel.Information, "Replica {Replica} did not answer a copy ({Reason}). Request {RequestId}")]
    private static partial void LogFailed(ILogger logger, string replica, string reason, string requestId);
}
