using System.Diagnostics;
using AiFactory.ServiceDefaults.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>
/// One line for each request, by which its id finds it in every service that it passed. Neither query nor body nor key is in it. Probes,
/// scrapes and the services' own polling (<c>/internal</c>) leave a line only when they fail.
/// </summary>
internal sealed partial class RequestLogMiddleware(RequestDelegate next, ILogger<RequestLogMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
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

    private static bool IsRoutine(PathString path) =>
        path == HealthEndpoints.Alive || path == HealthEndpoints.Ready || path.StartsWithSegments(TelemetryExtensions.MetricsPath) || path.StartsWithSegments("/internal");

    [LoggerMessage(EventId = 100, Message = "Request {RequestId}: {Method} {Route} answered {Status} in {Milliseconds:F1} ms (client gone: {Aborted})")]
    private static partial void Answered(ILogger logger, LogLevel level, string requestId, string method, string route, int status, double milliseconds, bool aborted);
}
