using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Published;

/// <summary>What fails below <c>/v1</c> is answered in OpenAI's envelope, whoever found it: our handlers, the authorization, or the server.</summary>
internal sealed class OpenAIProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var status = context.HttpContext.Response.StatusCode;
        var message = context.ProblemDetails.Detail ?? context.ProblemDetails.Title ?? "The request failed.";
        await WriteAsync(context.HttpContext, new OpenAIProblem(status, new ErrorBody(message, status >= 500 ? "server_error" : "invalid_request_error", null, null)));
    }

    internal static Task WriteAsync(HttpContext context, OpenAIProblem problem)
    {
        context.Response.StatusCode = problem.Status;
        return context.Response.WriteAsJsonAsync(new ErrorEnvelope(problem.Body), OpenAIJson.Default.ErrorEnvelope, cancellationToken: context.RequestAborted);
    }
}
