using System.Net;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// The connections to replicas: kept alive and pooled for each address, answers given over as soon as their headers are there. No handler of another kind
/// stands in between: what is retried, and when, only <see cref="Forwarder"/> knows.
/// </summary>
internal sealed class UpstreamClient : IDisposable
{
    private readonly HttpMessageInvoker _invoker;

    public UpstreamClient(IOptions<ForwardingOptions> options)
    {
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // The gateway's own span is the client's span, and writes traceparent itself.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.Value.ConnectTimeout,
            // Nagle's delay is off in this handler. An answer that the client did not want is not drained: its connection is closed, which stops the generation.
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            UseCookies = false,
            UseProxy = false,
        });
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);

    public void Dispose() => _invoker.Dispose();
}
