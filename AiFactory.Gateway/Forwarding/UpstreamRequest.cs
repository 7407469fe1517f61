using System.Net;
using System.Net.Http.Headers;
using AiFactory.Contracts;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Makes the request to a replica: the client's body byte for byte, its headers but for those that are not its to say, and ours.</summary>
internal sealed class UpstreamRequest(IdentityTokens tokens, TimeProvider time)
{
    private static readonly System.Net.Http.Headers.MediaTypeHeaderValue Json = new("application/json");

    /// <summary>A larger body waits for the replica's consent, so that one that will not have it can say so (413) before it closes the connection.</summary>
    public const int LargestUnasked = 256 * 1024;

    /// <summary>A copy for another deployment, with a body that outlives the exchange.</summary>
    public HttpRequestMessage CreateCopy(Exchange exchange, Deployment deployment, Uri target)
    {
        var body = exchange.Body.ToArray();
        if (deployment.Route.External)
        {
            return Create(exchange, target, authorization: null, body);
        }

        var request = Create(exchange, target, exchange.Caller.Authorization(tokens, time, deployment.Route.Id), body);
        request.Headers.TryAddWithoutValidation(WireHeaders.Deployment, deployment.Id);
        return request;
    }

    /// <summary>To a replica, in the name of the caller and for the one deployment that the caller was let use.</summary>
    public HttpRequestMessage Create(Exchange exchange, Uri target)
    {
        // What is not ours does not learn who calls, and could otherwise call our services in the caller's name.
        if (exchange.Deployment.Route.External)
        {
            return Create(exchange, target, authorization: null);
        }

        var request = Create(exchange, target, exchange.Caller.Authorization(tokens, time, exchange.Deployment.Route.Id));
        request.Headers.TryAddWithoutValidation(WireHeaders.Deployment, exchange.Deployment.Id);
        return request;
    }

    /// <summary>To the builder, in the name of the caller.</summary>
    public HttpRequestMessage CreateForBuilder(Exchange exchange, Uri target) => Create(exchange, target, exchange.Caller.Authorization(tokens, time));

    private static HttpRequestMessage Create(Exchange exchange, Uri target, string? authorization) => Create(exchange, target, authorization, exchange.Body);

    private static HttpRequestMessage Create(Exchange exchange, Uri target, string? authorization, ArraySegment<byte> body)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(exchange.Operation.Method), target)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body.Count == 0 ? null : new RequestContent(body) { Headers = { ContentType = Json } },
        };
        request.Headers.ExpectContinue = body.Count > LargestUnasked ? true : null;

        // 1. What the client says and may say.
        var incoming = exchange.Context.Request.Headers;
        var perConnection = incoming.Connection;
        foreach (var (name, values) in incoming)
        {
            if (HeaderRules.PassesToModel(name) && !HeaderRules.IsNamedBy(perConnection, name) && !IsOfContent(name))
            {
                Add(request.Headers, name, values);
            }
        }

        // 2. Who calls, and under which id and trace it is found.
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Authorization, authorization);
        }

        request.Headers.TryAddWithoutValidation(WireHeaders.RequestId, exchange.Context.TraceIdentifier);
        TraceHeaders.Write(request.Headers, exchange.Span, incoming);
        return request;
    }

    private static bool IsOfContent(string name) => name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);

    private static void Add(HttpRequestHeaders headers, string name, StringValues values)
    {
        if (values.Count == 1)
        {
            headers.TryAddWithoutValidation(name, values[0]);
        }
        else
        {
            headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }
    }
}
