using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Telemetry;

internal sealed class ServerSpanMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => next(context);
}
