using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Problems;

public static class ProblemServiceExtensions
{
    /// <summary>Answers the status with its problem from the catalogue, in the format of the route; nothing is written once the response has started.</summary>
    public static async Task WriteStatusAsync(this IProblemDetailsService problems, HttpContext context, int status, string? detail, Exception? exception = null)
    {
        ArgumentNullException.ThrowIfNull(problems);
        ArgumentNullException.ThrowIfNull(context);
        if (context.Response.HasStarted)
        {
            return;
        }

        context.Response.StatusCode = status;
        await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = Problems.Details(status, detail),
            Exception = exception,
        });
    }
}
