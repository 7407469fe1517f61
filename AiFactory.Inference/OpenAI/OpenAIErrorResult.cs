using System.Globalization;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Inference.OpenAI;

/// <summary>Writes an <see cref="OpenAIError"/>.</summary>
internal sealed class OpenAIErrorResult(OpenAIError error) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = error.Status;
        if (error.RetryAfter is { } retryAfter)
        {
            response.Headers.RetryAfter = ((int)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsJsonAsync(new ErrorEnvelope(error.Body), OpenAIJson.Default.ErrorEnvelope, cancellationToken: httpContext.RequestAborted);
    }
}
