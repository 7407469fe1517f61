using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiFactory.ServiceDefaults.Problems;

/// <summary>Turns what an endpoint throws into a problem: a bad request says what is bad and where, everything else says nothing of the inside.</summary>
internal sealed partial class UnhandledExceptionHandler(IProblemDetailsService problems, ILogger<UnhandledExceptionHandler> logger) : IExceptionHandler
{
    /// <summary>What proxies log for a client that left before the answer; nobody receives it.</summary>
    private const int ClientClosedRequest = 499;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        try
        {
            await HandleAsync(httpContext, exception);
        }
        catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            // It left while it was told, as one does that breaks off in the middle of its request.
        }

        return true;
    }

    private async ValueTask HandleAsync(HttpContext httpContext, Exception exception)
    {
        switch (exception)
        {
            case OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested:
                httpContext.Response.StatusCode = ClientClosedRequest;
                break;

            case BadHttpRequestException bad:
                await problems.WriteStatusAsync(httpContext, bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? null : Describe(bad), exception);
                break;

            default:
                LogUnhandled(logger, exception, httpContext.Request.Method, httpContext.Request.Path);
                await problems.WriteStatusAsync(
                    httpContext,
                    StatusCodes.Status500InternalServerError,
                    "The request failed for a reason that is in the service's log under this request id.",
                    exception);
                break;
        }
    }

    /// <summary>
    /// For a body that is not valid JSON: <c>The body is not valid at $.replicas (line 1, byte 14): it is not a whole number.</c>
    /// </summary>
    private static string Describe(BadHttpRequestException bad)
    {
        if (bad.InnerException is not JsonException json)
        {
            return bad.Message;
        }

        var path = string.IsNullOrEmpty(json.Path) || json.Path == "$" ? "" : $" at {json.Path}";
        var place = json.LineNumber is { } line ? $" (line {line + 1}, byte {json.BytePositionInLine + 1})" : "";
        return $"The body is not valid JSON for this route{path}{place}: {Reason(json)}";
    }

    /// <summary>The serializer's sentence without its own copy of the place, and without the names of our types.</summary>
    private static string Reason(JsonException json)
    {
        if (json.Message.StartsWith("The JSON value could not be converted to ", StringComparison.Ordinal))
        {
            return "the value is of another type than expected.";
        }

        if (json.Message.Contains("missing required properties", StringComparison.Ordinal))
        {
            var list = json.Message.IndexOf("including: ", StringComparison.Ordinal);
            return list < 0 ? "a required property is missing." : $"required properties are missing: {json.Message[(list + "including: ".Length)..]}";
        }

        var end = json.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        end = end < 0 ? json.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal) : end;
        return end < 0 ? json.Message : json.Message[..end];
    }

    [LoggerMessage(6001, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogUnhandled(ILogger logger, Exception exception, string method, string path);
}
