using System.Globalization;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
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

    /// <summary>The error in an answer: <c>{"error":{"message":"...","code":"..."}}</c>, or what some other service wrote.</summary>
    public static OpenAIError Of(int status, JsonElement? answer)
    {
        var error = answer is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("error"u8, out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        return new OpenAIError(status, new ErrorBody(
            Text(error, "message") ?? $"The model's service answered with status {status}.", Text(error, "type") ?? "server_error", Text(error, "param"), Text(error, "code")));
    }

    private static string? Text(JsonElement error, string name) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
