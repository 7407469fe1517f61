using System.Net;
using AiFactory.Contracts;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Upstreams.Anthropic;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Upstreams;

/// <summary>
/// Makes the request to an upstream: the client's body with the upstream's own id of the model, the upstream's headers and credential. Of the client's headers next to nothing leaves the site: who calls, from where
/// and under which trace is nobody's business there. Our id of the request goes along, for the service's support to be asked by.
/// </summary>
internal static class UpstreamMessage
{
    private static readonly System.Net.Http.Headers.MediaTypeHeaderValue Json = new("application/json");

    /// <summary>Whether a stream of another protocol is to end with its usage, as OpenAI's do where they are asked.</summary>
    private static readonly HttpRequestOptionsKey<bool> TellsUsage = new("aifactory.tells-usage");

    /// <summary>Whether it asks how many tokens there are, and for nothing else.</summary>
    private static readonly HttpRequestOptionsKey<bool> Counts = new("aifactory.counts");

    /// <param name="refusal">Why there is none: the service's protocol has no place for what is asked.</param>
    public static HttpRequestMessage? Create(Exchange exchange, Upstream upstream, Uri target, ReadOnlyMemory<byte> body, out OpenAIError? refusal)
    {
        if (!upstream.SpeaksAnthropic)
        {
            refusal = UpstreamMembers.Check(body.Span);
            var place = exchange.ModelPlace;
            return refusal is not null ? null : Create(exchange, upstream, target, new RequestContent(body[..place.At], upstream.ModelAsJson, body[(place.At + place.Length)..]));
        }

        var counts = exchange.Operation == Operation.Tokenize;
        refusal = AnthropicRequest.Translate(body, upstream.ModelAsJson, counts, out var translated, out var tellsUsage);
        if (refusal is not null)
        {
            return null;
        }

        var request = Create(exchange, upstream, target, new RequestContent(translated));
        request.Options.Set(TellsUsage, tellsUsage);
        request.Options.Set(Counts, counts);
        return request;
    }

    /// <summary>Puts OpenAI's answer in the place of Anthropic's.</summary>
    /// <returns>False when it is no answer.</returns>
    public static Task<bool> TranslateAsync(HttpRequestMessage request, HttpResponseMessage response, DateTimeOffset now, CancellationToken cancellationToken) =>
        AnthropicTranslation.TranslateAsync(
            response, request.Options.TryGetValue(TellsUsage, out var tells) && tells, request.Options.TryGetValue(Counts, out var counts) && counts, now.ToUnixTimeSeconds(), cancellationToken);

    /// <summary>The others tell whose account it is, and what is left of its limits.</summary>
    public static bool PassesToClient(string name) => name.Equals(HeaderNames.RetryAfter, StringComparison.OrdinalIgnoreCase);

    private static HttpRequestMessage Create(Exchange exchange, Upstream upstream, Uri target, RequestContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, target)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.ContentType = Json;
        request.Headers.TryAddWithoutValidation(HeaderNames.Accept, exchange.Stream ? "text/event-stream" : "application/json");
        request.Headers.TryAddWithoutValidation(WireHeaders.RequestId, exchange.Context.TraceIdentifier);
        foreach (var (name, value) in upstream.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
