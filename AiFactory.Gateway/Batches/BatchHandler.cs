using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Batches;

/// <summary>OpenAI's <c>/v1/batches</c>, of the caller's project.</summary>
internal sealed class BatchHandler(BatchService batches, OuterRequests requests)
{
    public async Task<OpenAIError?> CreateAsync(HttpContext context, WorkCaller caller)
    {
        var (document, error) = await requests.ReadBodyAsync(context);
        if (error is not null || document is null)
        {
            return error;
        }

        using (document)
        {
            error = BatchRequest.Read(document.RootElement, out var request);
            if (error is not null || request is null)
            {
                return error;
            }

            (var batch, error) = await batches.CreateAsync(caller, request, context.RequestAborted);
            return error ?? await WriteAsync(context, batch);
        }
    }

    public async Task<OpenAIError?> ListAsync(HttpContext context, WorkCaller caller)
    {
        if (ListQuery.Read(context.Request.Query, PublicId.Batch, BatchService.MostInList, BatchService.InList, out var query) is { } error)
        {
            return error;
        }

        var list = await batches.ListAsync(caller, query, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(list, BatchJson.Default.BatchList, cancellationToken: context.RequestAborted);
        return null;
    }

    public async Task<OpenAIError?> GetAsync(HttpContext context, WorkCaller caller) =>
        await batches.FindAsync(caller, Id(context), context.RequestAborted) is { } batch ? await WriteAsync(context, batch) : BatchErrors.NotFound(Id(context));

    public async Task<OpenAIError?> CancelAsync(HttpContext context, WorkCaller caller)
    {
        var (batch, error) = await batches.CancelAsync(caller, Id(context), context.RequestAborted);
        return error ?? await WriteAsync(context, batch);
    }

    private static string Id(HttpContext context) => context.Request.RouteValues["batch"] as string ?? "";

    private static async Task<OpenAIError?> WriteAsync(HttpContext context, BatchRow? batch)
    {
        if (batch is not null)
        {
            await context.Response.WriteAsJsonAsync(BatchObject.From(batch), BatchJson.Default.BatchObject, cancellationToken: context.RequestAborted);
        }

        return null;
    }
}
