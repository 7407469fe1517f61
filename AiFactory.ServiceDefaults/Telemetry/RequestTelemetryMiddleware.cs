using System.Diagnostics;
using AiFactory.ServiceDefaults.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>
/// What each request leaves: its span completed (<see cref="ServerSpan"/>), and one line by which its id finds it in every service that it passed. Neither query
/// nor body nor key is in it. Probes, scrapes and the services' own polling (<c>/internal</c>) leave a line only when they fail, and probes and scrapes no span:
/// they would be most of a quiet day's traces.
/// </summary>
internal sealed partial class RequestTelemetryMiddleware(RequestDelegate next, ILogger<RequestTelemetryMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var began = Stopwatch.GetTimestamp();
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (span is { IsAllDataRequested: true })
        {
            if (IsProbe(context.Request.Path))
            {
                // Not recorded, and so are the spans below it.
                span.IsAllDataRequested = false;
                span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            }
            else
            {
                ServerSpan.Begin(span, context.Request);
            }
        }

        try
        {
            await next(context);
        }
        finally
        {
            if (span is { IsAllDataRequested: true })
            {
                ServerSpan.Complete(span, context);
            }

            var status = context.Response.StatusCode;
            var level = status >= StatusCodes.Status500InternalServerError ? LogLevel.Warning : IsRoutine(context.Request.Path) ? LogLevel.Debug : LogLevel.Information;
            if (logger.IsEnabled(level))
            {
                var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "no route";
                var milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                Answered(logger, level, context.TraceIdentifier, context.Request.Method, route, status, milliseconds, context.RequestAborted.IsCancellationRequested);
            }
        }
    }

    private static bool IsProbe(PathString path) => path == HealthEndpoints.Alive || path == HealthEndpoints.Ready || path.StartsWithSegments(TelemetryExtensions.MetricsPath);

    private static bool IsRoutine(PathString path) => IsProbe(path) || path.StartsWithSegments("/internal");

    [LoggerMessage(EventId = 100, Message = "Request {RequestId}: {Method} {Route} answered {Status} in {Milliseconds:F1} ms (client gone: {Aborted})")]
    private static partial void Answered(ILogger logger, LogLevel level, string requestId, string method, string route, int status, double milliseconds, bool aborted);
}
