using System.Globalization;
using AiFactory.Gateway.OpenAI;
using Microsoft.AspNetCore.Mvc;

namespace AiFactory.Gateway.Infer;

/// <summary>Failures of <c>/api/infer</c>, which is our own API: problem details (RFC 9457) with the <c>code</c> and the <c>param</c> of OpenAI's error.</summary>
internal static class InferProblem
{
    public static OpenAIError NoJson { get; } =
        OpenAIError.Of(StatusCodes.Status502BadGateway, "The model's service answered with something that is no JSON.", "server_error", code: "upstream_failed");

    public static async Task WriteAsync(HttpContext context, IProblemDetailsService problems, OpenAIError error)
    {
        context.Response.StatusCode = error.Status;
        context.Response.Headers.CacheControl = "no-store";
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        var details = new ProblemDetails { Status = error.Status, Detail = error.Body.Message };
        details.Extensions["code"] = error.Body.Code;
        details.Extensions["param"] = error.Body.Param;
        await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = details });
    }
}
