using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using AiFactory.Contracts;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Upstreams;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Makes the request to a replica: the client's body byte for byte but for the model's name where another deployment answers, its headers but for those that are not its to say, and ours.</summary>
internal sealed class UpstreamRequest(IdentityTokens tokens, TimeProvider time)
{
    /// <summary>What every request takes here is none of its waiting.</summary>
    private static readonly TimeSpan Notable = TimeSpan.FromMilliseconds(5);

    /// <summary>A larger body waits for the replica's consent, so that one that will not have it can say so (413) before it closes the connection.</summary>
    public const int LargestUnasked = 256 * 1024;

    /// <summary>A copy for another deployment, with a body that outlives the exchange.</summary>
    public HttpRequestMessage? CreateCopy(Exchange exchange, Deployment deployment, Uri target) => Create(exchange, deployment, target, exchange.Body.ToArray(), out _);

    /// <summary>To a replica, in the name of the caller and for the one deployment that the caller was let use.</summary>
    /// <param name="refusal">Why there is none: the deployment's service speaks a protocol that has no place for what is asked.</param>
    public HttpRequestMessage? Create(Exchange exchange, Uri target, out OpenAIError? refusal) => Create(exchange, exchange.Deployment, target, exchange.Body, out refusal);

    /// <summary>To the builder, in the name of the caller.</summary>
    public HttpRequestMessage CreateForBuilder(Exchange exchange, Uri target) => Create(exchange, target, exchange.Caller.Authorization(tokens, time), new RequestContent(exchange.Body));

    private HttpRequestMessage? Create(Exchange exchange, Deployment deployment, Uri target, ReadOnlyMemory<byte> body, out OpenAIError? refusal)
    {
        refusal = null;
        body = ImageFormat.For(deployment, exchange.Operation, body);
        if (deployment.Upstream is { } upstream)
        {
            return UpstreamMessage.Create(exchange, upstream, target, body, out refusal);
        }

        var content = Content(exchange, deployment, body);

        // What is not ours does not learn who calls, and could otherwise call our services in the caller's name.
        if (deployment.Route.External)
        {
            return Create(exchange, target, authorization: null, content);
        }

        var request = Create(exchange, target, exchange.Caller.Authorization(tokens, time, deployment.Route.Id), content);
        request.Headers.TryAddWithoutValidation(WireHeaders.Deployment, deployment.Id);
        return request;
    }

    /// <summary>Servers other than our worker know a deployment by its name alone, and refuse one that is not theirs.</summary>
    private static RequestContent Content(Exchange exchange, Deployment deployment, ReadOnlyMemory<byte> body)
    {
        var place = exchange.ModelPlace;
        return deployment.Name == exchange.Named.Name || exchange.Operation.Body is not null
            ? new RequestContent(body)
            : new RequestContent(body[..place.At], deployment.NameAsJson, body[(place.At + place.Length)..]);
    }

    private static HttpRequestMessage Create(Exchange exchange, Uri target, string? authorization, RequestContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(exchange.Operation.Method), target)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content.Length == 0 ? null : content,
        };
        content.Headers.TryAddWithoutValidation(HeaderNames.ContentType, "application/json");
        request.Headers.ExpectContinue = content.Length > LargestUnasked ? true : null;

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

        if (incoming.TryGetValue(WireHeaders.FirstTokenMilliseconds, out var said))
        {
            Add(request.Headers, WireHeaders.FirstTokenMilliseconds, said is [{ } patience] ? Left(patience, exchange.Times.Total) : said);
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

    /// <summary>What the client would wait for its first token less what it has waited here: for its turn, for a replica, for others that failed. A value that is no number is the worker's to refuse, and one that is used up too.</summary>
    private static string Left(string patience, TimeSpan waited) =>
        waited >= Notable && double.TryParse(patience, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? Math.Max(1, Math.Round(milliseconds - waited.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture)
            : patience;

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
