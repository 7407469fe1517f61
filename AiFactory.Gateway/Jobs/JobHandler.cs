using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.Gateway.SubRequests;
using Microsoft.Extensions.Primitives;

namespace AiFactory.Gateway.Jobs;

/// <summary><c>/api/jobs</c>: one request that is done when there is room, of the caller's project.</summary>
internal sealed class JobHandler(JobService jobs, OuterRequests requests)
{
    /// <summary>https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/</summary>
    private const string KeyHeader = "Idempotency-Key";

    /// <summary>On the answer to a request that was taken in before, as others have it.</summary>
    private const string ReplayedHeader = "Idempotent-Replayed";
    private const int LongestKey = 255;

    public async Task<OpenAIError?> CreateAsync(HttpContext context, WorkCaller caller)
    {
        var (document, error) = await requests.ReadBodyAsync(context);
        if (error is not null || document is null)
        {
            return error;
        }

        using (document)
        {
            error = JobRequest.Read(document.RootElement, out var request);
            if (error is not null || request is null)
            {
                return error;
            }

            if (ReadKey(context.Request.Headers[KeyHeader], out var key) is { } badKey)
            {
                return badKey;
            }

            (var job, var again, error) = await jobs.CreateAsync(caller, request, key, context.RequestAborted);
            if (job is not null)
            {
                if (again)
                {
                    context.Response.Headers[ReplayedHeader] = "true";
                }

                context.Response.Headers.Location = $"/api/jobs/{job.Id}";
                await WriteAsync(context, job, StatusCodes.Status202Accepted);
            }

            return error;
        }
    }

    public async Task<OpenAIError?> ListAsync(HttpContext context, WorkCaller caller)
    {
        if (ListQuery.Read(context.Request.Query, PublicId.Job, JobService.MostInList, JobService.InList, out var query) is { } error)
        {
            return error;
        }

        var page = await jobs.ListAsync(caller, query, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(page, JobJson.Default.JobPage, cancellationToken: context.RequestAborted);
        return null;
    }

    public async Task<OpenAIError?> GetAsync(HttpContext context, WorkCaller caller)
    {
        if (await jobs.FindAsync(caller, Id(context), context.RequestAborted) is not { } job)
        {
            return JobErrors.NotFound(Id(context));
        }

        await WriteAsync(context, job, StatusCodes.Status200OK);
        return null;
    }

    public async Task<OpenAIError?> ResultAsync(HttpContext context, WorkCaller caller)
    {
        var (answer, error) = await jobs.ResultAsync(caller, Id(context), context.RequestAborted);
        if (answer is not null)
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        }

        return error;
    }

    public async Task<OpenAIError?> DeleteAsync(HttpContext context, WorkCaller caller)
    {
        var (job, error) = await jobs.DeleteAsync(caller, Id(context), context.RequestAborted);
        if (job is not null)
        {
            await WriteAsync(context, job, StatusCodes.Status202Accepted);
        }
        else if (error is null)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }

        return error;
    }

    /// <summary>It is text to us, with its quotes where it has some.</summary>
    private static OpenAIError? ReadKey(StringValues header, out string? key)
    {
        key = header.Count == 0 ? null : header[0];
        return header.Count == 0 || (header.Count == 1 && key is { Length: > 0 and <= LongestKey } && key.All(letter => letter is > ' ' and <= '~'))
            ? null
            : JobErrors.BadKey(KeyHeader, LongestKey);
    }

    private static string Id(HttpContext context) => context.Request.RouteValues["job"] as string ?? "";

    private static Task WriteAsync(HttpContext context, JobResponse job, int status)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(job, JobJson.Default.JobResponse, cancellationToken: context.RequestAborted);
    }
}
