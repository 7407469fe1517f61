using System.Runtime.InteropServices;
using AiFactory.Contracts;
using AiFactory.Gateway.OpenAI;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.SubRequests;

/// <summary>
/// A request of another protocol as the request of OpenAI's that it stands for. It passes the one handler that every request to a model passes, with a body and a
/// response of its own: authentication, limits, routing, failover, usage and telemetry are the same, and nothing of them is written twice.
/// </summary>
internal static class SubRequest
{
    /// <summary>What says something of the outer body or connection, or only means something in the outer protocol.</summary>
    private static readonly string[] OfTheOuter = ["Content-", "Transfer-Encoding", "Expect", "Connection", "Upgrade", "Sec-WebSocket-", "anthropic-"];

    /// <summary>What a part says of the request that it is for: whose account it is on, and where it is found.</summary>
    private static readonly string[] OfParts = [ModelCallers.ProjectHeader, WireHeaders.RequestId, HeaderNames.TraceParent, HeaderNames.TraceState];

    /// <summary>What the gateway itself asks: of what the client says in headers it says nothing on.</summary>
    public static HttpContext CreatePart(HttpContext outer, Operation operation, ReadOnlyMemory<byte> body, AnswerSink sink, CancellationToken left)
    {
        var headers = new HeaderDictionary(OfParts.Length);
        foreach (var name in OfParts)
        {
            if (outer.Request.Headers.TryGetValue(name, out var values))
            {
                headers[name] = values;
            }
        }

        return Make(outer, operation, body, headers, sink, requestId: null, left);
    }

    /// <param name="outer">Who asks, and with which headers.</param>
    /// <param name="left">Ends the answer.</param>
    /// <param name="requestId">Where one connection brings several requests; else the outer one's.</param>
    public static HttpContext Create(HttpContext outer, Operation operation, ReadOnlyMemory<byte> body, AnswerSink sink, CancellationToken left, string? requestId = null) =>
        Make(outer, operation, body, Headers(outer.Request.Headers), sink, requestId, left);

    private static DefaultHttpContext Make(HttpContext outer, Operation operation, ReadOnlyMemory<byte> body, HeaderDictionary headers, AnswerSink sink, string? requestId, CancellationToken left)
    {
        headers[HeaderNames.ContentType] = "application/json";
        headers.ContentLength = body.Length;

        // What is not set here is the outer request's: the connection, the services, its id.
        var response = new InnerResponse(sink, left);
        var features = new FeatureCollection(outer.Features);
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = outer.Request.Protocol,
            Scheme = outer.Request.Scheme,
            Method = operation.Method,
            Path = $"/{operation.Path}",
            RawTarget = $"/{operation.Path}",
            Headers = headers,
            Body = MemoryMarshal.TryGetArray(body, out var segment) && segment.Array is { } array
                ? new MemoryStream(array, segment.Offset, segment.Count, writable: false)
                : new MemoryStream(body.ToArray(), writable: false),
        });
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(response));
        features.Set<IHttpRequestLifetimeFeature>(response);
        features.Set<IQueryFeature>(new QueryFeature(QueryCollection.Empty));
        features.Set<IItemsFeature>(new ItemsFeature());
        if (requestId is not null)
        {
            features.Set<IHttpRequestIdentifierFeature>(new HttpRequestIdentifierFeature { TraceIdentifier = requestId });
        }

        var inner = new DefaultHttpContext(features);
        features.Set<IRequestBodyPipeFeature>(new RequestBodyPipeFeature(inner));
        return inner;
    }

    /// <summary>Tells the sink that the answer is whole.</summary>
    public static ValueTask EndAsync(HttpContext inner) =>
        inner.Features.Get<IHttpResponseFeature>() is InnerResponse response ? response.EndAsync(inner.RequestAborted) : ValueTask.CompletedTask;

    private static HeaderDictionary Headers(IHeaderDictionary outer)
    {
        var headers = new HeaderDictionary(outer.Count + 2);
        foreach (var (name, values) in outer)
        {
            if (!Array.Exists(OfTheOuter, one => name.StartsWith(one, StringComparison.OrdinalIgnoreCase)))
            {
                headers[name] = values;
            }
        }

        return headers;
    }
}
