using AiFactory.Contracts.OpenAI;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.OpenAI;

/// <summary>What fails below <c>/v1</c> outside our own handlers (a bad request line, a bug) is answered in OpenAI's envelope too.</summary>
internal sealed class OpenAIProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var status = context.HttpContext.Response.StatusCode;
        var type = status >= StatusCodes.Status500InternalServerError ? "server_error" : "invalid_request_error";
        var message = context.ProblemDetails.Detail ?? context.ProblemDetails.Title ?? "The request failed.";
        await OpenAIErrorWriter.WriteAsync(context.HttpContext, new OpenAIError(status, new ErrorBody(message, type, null, null)));
    }
}
