using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Problems;

/// <summary>
/// Writes every error of a service. A service that speaks another format on some routes registers an <see cref="IProblemDetailsWriter"/>; the one
/// registered last is asked first, and where none wants it, problem details are written whatever the client accepts: an error beats an empty body.
/// </summary>
internal sealed class ProblemService(IEnumerable<IProblemDetailsWriter> writers, IOptions<JsonOptions> json, BodyLimit? limit = null) : IProblemDetailsService
{
    private readonly IProblemDetailsWriter[] _writers = [.. writers.Reverse()];

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        if (!await TryWriteAsync(context))
        {
            throw new InvalidOperationException("The response has started: no problem can be written any more.");
        }
    }

    public async ValueTask<bool> TryWriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        if (http.Response.HasStarted)
        {
            return false;
        }

        Complete(context.ProblemDetails, http);
        foreach (var writer in _writers)
        {
            if (writer.CanWrite(context))
            {
                await writer.WriteAsync(context);
                return true;
            }
        }

        // A validation problem is written as what it is, with its errors.
        await http.Response.WriteAsJsonAsync(
            context.ProblemDetails,
            context.ProblemDetails.GetType(),
            json.Value.SerializerOptions,
            "application/problem+json",
            http.RequestAborted);
        return true;
    }

    private void Complete(Microsoft.AspNetCore.Mvc.ProblemDetails problem, HttpContext http)
    {
        problem.Status ??= http.Response.StatusCode;
        http.Response.StatusCode = problem.Status.Value;
        var known = ProblemTypes.ForStatus(problem.Status.Value);
        if (problem.Type?.StartsWith("urn:aifactory:", StringComparison.Ordinal) is not true && known is { } entry)
        {
            problem.Type = entry.Type;
            problem.Title = entry.Title;
        }

        if (problem.Status == StatusCodes.Status413PayloadTooLarge)
        {
            problem.Detail ??= BodyLimit.Describe(http, limit);
        }

        problem.Extensions.Remove("traceId");
        problem.Extensions["requestId"] = http.TraceIdentifier;
        if (Activity.Current is { } activity)
        {
            problem.Extensions["traceId"] = activity.TraceId.ToHexString();
        }
    }
}
