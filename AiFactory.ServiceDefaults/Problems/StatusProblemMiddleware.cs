using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Problems;

/// <summary>A status from 400 on that came without a body gets its problem. ASP.NET's own middleware for it keeps its options among each request's items.</summary>
internal sealed class StatusProblemMiddleware(RequestDelegate next, IProblemDetailsService problems)
{
    public Task InvokeAsync(HttpContext context)
    {
        var answered = next(context);
        return answered.IsCompletedSuccessfully && !IsBare(context.Response) ? answered : CompleteAsync(context, answered);
    }

    private async Task CompleteAsync(HttpContext context, Task answered)
    {
        await answered;
        if (IsBare(context.Response))
        {
            await problems.WriteStatusAsync(context, context.Response.StatusCode, detail: null);
        }
    }

    private static bool IsBare(HttpResponse response) =>
        response is { HasStarted: false, StatusCode: >= StatusCodes.Status400BadRequest and < 600, ContentLength: null } && string.IsNullOrEmpty(response.ContentType);
}
