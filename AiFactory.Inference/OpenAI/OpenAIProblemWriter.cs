using AiFactory.Contracts.OpenAI;

namespace AiFactory.Inference.OpenAI;

/// <summary>Below <c>/v1</c>, errors that the framework finds (no identity, no route, an exception) take OpenAI's envelope too.</summary>
internal sealed class OpenAIProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var status = context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode;
        var message = context.ProblemDetails.Detail ?? context.ProblemDetails.Title ?? "The request failed.";
        var body = status switch
        {
            401 => new ErrorBody(message, "invalid_request_error", null, "invalid_api_key"),
            403 => new ErrorBody(message, "permission_error", null, "permission_denied"),
            >= 500 => new ErrorBody(message, "server_error", null, null),
            _ => new ErrorBody(message, "invalid_request_error", null, null),
        };
        await new OpenAIErrorResult(new OpenAIError(status, body)).ExecuteAsync(context.HttpContext);
    }
}
