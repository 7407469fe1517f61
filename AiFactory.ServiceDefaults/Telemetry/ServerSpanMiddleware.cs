using System.Diagnostics;
using AiFactory.ServiceDefaults.Health;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>
/// Completes the server span as the conventions ask (https://opentelemetry.io/docs/specs/semconv/http/http-spans/): route, status, and a name
/// without ids in it. Probes and scrapes leave no span: they would be most of a quiet day's traces.
/// </summary>
internal sealed class ServerSpanMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (span is null)
        {
            await next(context);
            return;
        }

        if (IsProbe(context.Request.Path))
        {
            // Not recorded, and so are the spans below it.
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }

        try
        {
            await next(context);
        }
        finally
        {
            if (span.IsAllDataRequested)
            {
                Complete(span, context);
            }
        }
    }

    private static void Complete(Activity span, HttpContext context)
    {
        // The exception handler takes the endpoint away.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        if ((endpoint as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.DisplayName = $"{context.Request.Method} {route}";
            span.SetTag("http.route", route);
        }
        else
        {
            // A path in a name would make as many names as there are paths.
            span.DisplayName = context.Request.Method;
        }

        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
            span.SetTag("error.type", context.Features.Get<IExceptionHandlerFeature>()?.Error.GetType().FullName ?? $"{status}");
        }
    }

    private static bool IsProbe(PathString path) =>
        path == HealthEndpoints.Alive || path == HealthEndpoints.Ready || path.StartsWithSegments(TelemetryExtensions.MetricsPath);
}
