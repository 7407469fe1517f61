using System.Net;
using AiFactory.Contracts;
using AiFactory.Gateway.Forwarding;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Upstreams;

/// <summary>
/// Makes the request to an upstream: the client's body with the upstream's own id of the model, the upstream's headers and credential. Of the client's headers next to nothing leaves the site: who calls, from where
/// and under which trace is nobody's business there. Our id of the request goes along, for the service's support to be asked by.
/// </summary>
internal static class UpstreamMessage
{
    private static readonly System.Net.Http.Headers.MediaTypeHeaderValue Json = new("application/json");

    public static HttpRequestMessage Create(Exchange exchange, Upstream upstream, Uri target, ReadOnlyMemory<byte> body)
    {
        var place = exchange.ModelPlace;
        var request = new HttpRequestMessage(HttpMethod.Post, target)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new RequestContent(body[..place.At], upstream.ModelAsJson, body[(place.At + place.Length)..]),
        };
        request.Content.Headers.ContentType = Json;
        request.Headers.TryAddWithoutValidation(HeaderNames.Accept, exchange.Stream ? "text/event-stream" : "application/json");
        request.Headers.TryAddWithoutValidation(WireHeaders.RequestId, exchange.Context.TraceIdentifier);
        foreach (var (name, value) in upstream.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>The others tell whose account it is, and what is left of its limits.</summary>
    public static bool PassesToClient(string name) => name.Equals(HeaderNames.RetryAfter, StringComparison.OrdinalIgnoreCase);
}
