using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Files.Uploads;

/// <summary>OpenAI's <c>/v1/uploads</c>, of the caller's project.</summary>
internal sealed class UploadHandler(UploadService uploads, OuterRequests requests)
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
            error = UploadRequest.Read(document.RootElement, out var request);
            return error is not null || request is null ? error : await WriteAsync(context, await uploads.CreateAsync(caller, request, context.RequestAborted));
        }
    }

    public async Task<OpenAIError?> AddPartAsync(HttpContext context, WorkCaller caller)
    {
        var (part, error) = await uploads.AddPartAsync(context.Request, caller, Id(context), context.RequestAborted);
        if (part is not null)
        {
            await context.Response.WriteAsJsonAsync(part, UploadJson.Default.UploadPartObject, cancellationToken: context.RequestAborted);
        }

        return error;
    }

    public async Task<OpenAIError?> CompleteAsync(HttpContext context, WorkCaller caller)
    {
        var (document, error) = await requests.ReadBodyAsync(context);
        if (error is not null || document is null)
        {
            return error;
        }

        using (document)
        {
            error = UploadCompletion.Read(document.RootElement, out var completion);
            return error is not null || completion is null ? error : await WriteAsync(context, await uploads.CompleteAsync(caller, Id(context), completion, context.RequestAborted));
        }
    }

    public async Task<OpenAIError?> CancelAsync(HttpContext context, WorkCaller caller) =>
        await WriteAsync(context, await uploads.CancelAsync(caller, Id(context), context.RequestAborted));

    private static string Id(HttpContext context) => context.Request.RouteValues["upload"] as string ?? "";

    private static async Task<OpenAIError?> WriteAsync(HttpContext context, (UploadObject? Upload, OpenAIError? Error) outcome)
    {
        if (outcome.Upload is { } upload)
        {
            await context.Response.WriteAsJsonAsync(upload, UploadJson.Default.UploadObject, cancellationToken: context.RequestAborted);
        }

        return outcome.Error;
    }
}
