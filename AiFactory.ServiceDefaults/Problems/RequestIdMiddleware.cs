using AiFactory.Contracts;
using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Problems;

/// <summary>Takes the caller's <c>x-request-id</c> when it is a plain one, else makes one, and answers it: one id in every service's log.</summary>
internal sealed class RequestIdMiddleware(RequestDelegate next)
{
    private const int MaximumLength = 128;

    public Task InvokeAsync(HttpContext context)
    {
        var given = context.Request.Headers[WireHeaders.RequestId];
        var id = given.Count == 1 && IsPlain(given[0]) ? given[0]! /* IsPlain refuses null */ : Guid.CreateVersion7().ToString("n");
        context.TraceIdentifier = id;
        // The exception handler clears the headers that are set before.
        context.Response.OnStarting(
            static state =>
            {
                var context = (HttpContext)state;
                context.Response.Headers[WireHeaders.RequestId] = context.TraceIdentifier;
                return Task.CompletedTask;
            },
            context);
        return next(context);
    }

    private static bool IsPlain(string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaximumLength)
        {
            return false;
        }

        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':'))
            {
                return false;
            }
        }

        return true;
    }
}
