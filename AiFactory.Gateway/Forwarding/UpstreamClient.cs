using System.Net;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Upstreams;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// The connections to replicas: kept alive and pooled for each address, answers given over as soon as their headers are there. No handler of another kind
/// stands in between: what is retried, and when, only <see cref="Forwarder"/> knows.
/// </summary>
internal sealed class UpstreamClient : IDisposable
{
    private readonly UncollectedMeters _meters = new();
    private readonly HttpMessageInvoker _invoker;
    private readonly HttpMessageInvoker _guarded;

    public UpstreamClient(IOptions<ForwardingOptions> options)
    {
        _invoker = Create(options.Value, _meters, guarded: false);
        _guarded = Create(options.Value, _meters, guarded: true);
    }

    /// <summary>To a replica of this deployment. What is out of the site is never this machine, whatever its name stands for, unless the library's settings say so.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Deployment deployment, CancellationToken cancellationToken) =>
        (deployment.Upstream is { IsLocal: false } ? _guarded : _invoker).SendAsync(request, cancellationToken);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);

    public void Dispose()
    {
        _invoker.Dispose();
        _guarded.Dispose();
        _meters.Dispose();
    }

    private static HttpMessageInvoker Create(ForwardingOptions options, UncollectedMeters meters, bool guarded)
    {
        return new HttpMessageInvoker(new SocketsHttpHandler
        {
            // The gateway's own span is the client's span, and writes traceparent itself.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = guarded ? UpstreamConnector.Guard.ConnectAsync : null,
            ConnectTimeout = options.ConnectTimeout,
            MeterFactory = meters,
            // Nagle's delay is off in this handler. An answer that the client did not want is not drained: its connection is closed, which stops the generation.
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            UseCookies = false,
            UseProxy = false,
        });
    }
}
