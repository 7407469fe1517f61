using System.Net;
using System.Runtime.ExceptionServices;
using AiFactory.Contracts;
using AiFactory.ServiceDefaults.Problems;
using AiFactory.ServiceDefaults.Streaming;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Passes a request to one of our own services and its answer back, both as they come, the path unchanged.</summary>
internal sealed partial class ServiceForwarder(IHttpMessageHandlerFactory handlers, IProblemDetailsService problems, ILogger<ServiceForwarder> logger)
{
    /// <param name="service">The service's name, from which its address is resolved.</param>
    /// <param name="prefix">What the path begins with, here and there.</param>
    /// <param name="authorization">The caller's internal identity; null for a service that asks for none.</param>
    public async Task ForwardAsync(HttpContext context, string service, string prefix, string? authorization)
    {
        // 1. The same path and query, byte for byte: decoding and encoding again would change names with a '%' in them.
        if (Target(context, service) is not { } target || !target.AbsolutePath.StartsWith(prefix, StringComparison.Ordinal))
        {
            await problems.WriteStatusAsync(context, StatusCodes.Status400BadRequest, "The path of the request cannot be forwarded.");
            return;
        }

        // 2. There and back. How large a body may be, the service says, which knows what it is for; where nobody has to sign in, the gateway's limit holds.
        if (authorization is not null)
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        }

        using var request = Request(context, target, authorization);
        using var invoker = new HttpMessageInvoker(handlers.CreateHandler(service), disposeHandler: false);
        try
        {
            using var response = await invoker.SendAsync(request, context.RequestAborted);
            await RelayAsync(context, response);
            if (request.Content is not null)
            {
                // It may have been refused before all of it was read.
                await UnreadBody.DrainAsync(context);
            }
        }
        catch (Exception error) when (IsFailure(error) && context.RequestAborted.IsCancellationRequested)
        {
            // The client left: so does our request.
        }
        catch (Exception error) when (IsFailure(error) && error.GetBaseException() is BadHttpRequestException)
        {
            // The client's body, not the service, was at fault: too large, or not whole.
            ExceptionDispatchInfo.Throw(error.GetBaseException());
        }
        catch (Exception error) when (IsFailure(error))
        {
            LogFailed(logger, service, error.Message, context.TraceIdentifier);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            context.Response.Headers.RetryAfter = "2";
            await problems.WriteStatusAsync(context, StatusCodes.Status503ServiceUnavailable, $"The service '{service}' does not answer now. Try again shortly.");
        }
    }

    private static bool IsFailure(Exception error) => error is HttpRequestException or IOException or OperationCanceledException;

    private static Uri? Target(HttpContext context, string service)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return raw.StartsWith('/') && Uri.TryCreate($"http://{service}{raw}", UriKind.Absolute, out var target) && target.Host == service ? target : null;
    }

    private static HttpRequestMessage Request(HttpContext context, Uri target, string? authorization)
    {
        var incoming = context.Request;
        var request = new HttpRequestMessage(HttpMethod.Parse(incoming.Method), target)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (incoming.ContentLength > 0 || (incoming.ContentLength is null && incoming.Headers.TransferEncoding.Count > 0))
        {
            request.Content = new StreamContent(incoming.Body);
            request.Content.Headers.ContentLength = incoming.ContentLength;
            request.Headers.ExpectContinue = incoming.ContentLength is null or > UpstreamRequest.LargestUnasked ? true : null;
        }

        foreach (var (name, values) in incoming.Headers)
        {
            if (!HeaderRules.PassesToService(name) || HeaderRules.IsNamedBy(incoming.Headers.Connection, name))
            {
                continue;
            }

            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        request.Headers.TryAddWithoutValidation(WireHeaders.RequestId, context.TraceIdentifier);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Authorization, authorization);
        }

        return request;
    }

    private static async Task RelayAsync(HttpContext context, HttpResponseMessage upstream)
    {
        var response = context.Response;
        response.StatusCode = (int)upstream.StatusCode;
        foreach (var header in upstream.Headers.NonValidated)
        {
            if (HeaderRules.PassesToClient(header.Key))
            {
                response.Headers[header.Key] = header.Value.ToValues();
            }
        }

        foreach (var header in upstream.Content.Headers.NonValidated)
        {
            if (HeaderRules.PassesToClient(header.Key))
            {
                response.Headers[header.Key] = header.Value.ToValues();
            }
        }

        await using var body = await upstream.Content.ReadAsStreamAsync(context.RequestAborted);
        var output = response.BodyWriter;
        while (true)
        {
            var read = await body.ReadAsync(output.GetMemory(4096), context.RequestAborted);
            if (read == 0)
            {
                return;
            }

            output.Advance(read);
            await output.FlushAsync(context.RequestAborted);
        }
    }

    [LoggerMessage(1201, LogLevel.Warning, "The service {Service} gave no answer ({Reason}). Request {RequestId}")]
    private static partial void LogFailed(ILogger logger, string service, string reason, string requestId);
}
