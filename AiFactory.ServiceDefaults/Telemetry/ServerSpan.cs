using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>
/// Describes the server's span as the conventions ask (https://opentelemetry.io/docs/specs/semconv/http/http-spans/), with a name without ids in it. ASP.NET Core would write
/// the first half of it itself, on each span, also on those that nobody keeps, which at a sampling of 1 % are nearly all.
/// </summary>
internal static class ServerSpan
{
    private const string OtherMethod = "_OTHER";

    public static void Begin(Activity span, HttpRequest request)
    {
        var method = Known(request.Method);
        span.SetTag("http.request.method", method);
        if (method == OtherMethod)
        {
            span.SetTag("http.request.method_original", request.Method);
        }

        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("url.path", (request.PathBase + request.Path) is { HasValue: true } path ? path.Value : "/");
        if (request.Host is { HasValue: true } host)
        {
            span.SetTag("server.address", host.Host);
            if (host.Port is { } port)
            {
                span.SetTag("server.port", port);
            }
        }

        if (request.Headers.UserAgent is [{ Length: > 0 } agent])
        {
            span.SetTag("user_agent.original", agent);
        }
    }

    public static void Complete(Activity span, HttpContext context)
    {
        // The exception handler takes the endpoint away.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        var method = Known(context.Request.Method) is var known and not OtherMethod ? known : "HTTP";
        if ((endpoint as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.DisplayName = $"{method} {route}";
            span.SetTag("http.route", route);
        }
        else
        {
            // A path in a name would make as many names as there are paths.
            span.DisplayName = method;
        }

        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
            span.SetTag("error.type", context.Features.Get<IExceptionHandlerFeature>()?.Error.GetType().FullName ?? $"{status}");
        }
    }

    /// <summary>Anybody can send any method: one that is none of HTTP's makes no name of its own.</summary>
    private static string Known(string method)
    {
        var canonical = HttpMethods.GetCanonicalizedValue(method);
        return canonical is "GET" or "POST" or "PUT" or "DELETE" or "PATCH" or "HEAD" or "OPTIONS" or "CONNECT" or "TRACE" ? canonical : OtherMethod;
    }
}
