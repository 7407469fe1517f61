using System.Runtime.InteropServices;
using AiFactory.Gateway.OpenAI;
using Microsoft.AspNetCore.Http.Features;

namespace AiFactory.Gateway.SubRequests;

/// <summary>
/// A request of another protocol as the request of OpenAI's that it stands for. It passes the one handler that every request to a model passes, with a body and a
/// response of its own: authentication, limits, routing, failover, usage and telemetry are the same, and nothing of them is written twice.
/// </summary>
internal static class SubRequest
{
    /// <summary>What says something of the outer body or connection, or only means something in the outer protocol.</summary>
    private static readonly string[] OfTheOuter = ["Content-", "Transfer-Encoding", "Expect", "Connection", "Upgrade", "Sec-WebSocket-", "anthropic-"];

    /// <param name="outer">Who asks, and with which headers.</param>
    /// <param name="left">Ends the answer.</param>
    /// <param name="requestId">Where one connection brings several requests; else the outer one's.</param>
    public static HttpContext Create(HttpContext outer, Operation operation, ReadOnlyMemory<byte> body, AnswerSink sink, CancellationToken left, string? requestId = null)
    {
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
            Headers = Headers(outer.Request.Headers, body.Length),
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

    private static IHeaderDictionary Headers(IHeaderDictionary outer, int length)
    {
        IHeaderDictionary headers = new HeaderDictionary(outer.Count);
        foreach (var (name, values) in outer)
        {
            if (!Array.Exists(OfTheOuter, one => name.StartsWith(one, StringComparison.OrdinalIgnoreCase)))
            {
                headers[name] = values;
            }
        }

        headers.ContentType = "application/json";
        headers.ContentLength = length;
        return headers;
    }
}
