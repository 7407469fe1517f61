using System.Globalization;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.KServe;

/// <summary>Writes an error as the protocol says: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol ("Inference Response JSON Error Object").</summary>
internal sealed class KServeErrorResult(int status, string message, TimeSpan? retryAfter = null) : IResult
{
    public KServeErrorResult(OpenAIError error)
        : this(error.Status, error.Body.Message, error.RetryAfter)
    {
    }

    public static KServeErrorResult Invalid(string message) => new(400, message);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        if (retryAfter is { } pause)
        {
            httpContext.Response.Headers.RetryAfter = ((int)Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return httpContext.Response.WriteAsJsonAsync(new KServeError(message), KServeJson.Default.KServeError, cancellationToken: httpContext.RequestAborted);
    }
}
