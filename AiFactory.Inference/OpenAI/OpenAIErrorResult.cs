using System.Globalization;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Inference.OpenAI;

/// <summary>Writes an <see cref="OpenAIError"/>.</summary>
internal sealed class OpenAIErrorResult(OpenAIError error) : IResult
{
    public OpenAIError Error { get; } = error;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Error.Status;
        if (Error.RetryAfter is { } retryAfter)
        {
            response.Headers.RetryAfter = ((int)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsJsonAsync(new ErrorEnvelope(Error.Body), OpenAIJson.Default.ErrorEnvelope, cancellationToken: httpContext.RequestAborted);
    }
}
