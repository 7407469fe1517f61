using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Files;

/// <summary>OpenAI's <c>/v1/files</c>, of the caller's project.</summary>
internal sealed class FileHandler(FileService files)
{
    public async Task<OpenAIError?> UploadAsync(HttpContext context, WorkCaller caller)
    {
        var (file, error) = await files.UploadAsync(context.Request, caller, context.RequestAborted);
        return error ?? (file is null ? null : await WriteAsync(context, FileObject.From(file)));
    }

    public async Task<OpenAIError?> ListAsync(HttpContext context, WorkCaller caller)
    {
        if (ListQuery.Read(context.Request.Query, PublicId.File, FileService.MostInList, FileService.MostInList, out var query) is { } error)
        {
            return error;
        }

        var purpose = context.Request.Query["purpose"] is [{ Length: > 0 } asked] ? asked : null;
        if (purpose is not (null or FilePurposes.Batch or FilePurposes.BatchOutput))
        {
            return FileErrors.UnknownPurpose;
        }

        var list = await files.ListAsync(caller, query, purpose, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(list, FileJson.Default.FileList, cancellationToken: context.RequestAborted);
        return null;
    }

    public async Task<OpenAIError?> GetAsync(HttpContext context, WorkCaller caller) =>
        await files.FindAsync(caller, Id(context), context.RequestAborted) is { } file ? await WriteAsync(context, FileObject.From(file)) : FileErrors.NotFound(Id(context));

    public async Task<OpenAIError?> ContentAsync(HttpContext context, WorkCaller caller)
    {
        if (await files.FindAsync(caller, Id(context), context.RequestAborted) is not { } file)
        {
            return FileErrors.NotFound(Id(context));
        }

        await using var content = await files.OpenAsync(file, context.RequestAborted);
        if (content is null)
        {
            return FileErrors.NotFound(Id(context));
        }

        var response = context.Response;
        response.ContentType = "application/octet-stream";
        response.ContentLength = content.Info.Size;
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(file.Filename);
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.XContentTypeOptions = "nosniff";
        await content.Stream.CopyToAsync(response.Body, context.RequestAborted);
        return null;
    }

    public async Task<OpenAIError?> DeleteAsync(HttpContext context, WorkCaller caller)
    {
        if (await files.DeleteAsync(caller, Id(context), context.RequestAborted) is { } error)
        {
            return error;
        }

        await context.Response.WriteAsJsonAsync(new FileDeleted(Id(context), "file", true), FileJson.Default.FileDeleted, cancellationToken: context.RequestAborted);
        return null;
    }

    private static string Id(HttpContext context) => context.Request.RouteValues["file"] as string ?? "";

    private static async Task<OpenAIError?> WriteAsync(HttpContext context, FileObject file)
    {
        await context.Response.WriteAsJsonAsync(file, FileJson.Default.FileObject, cancellationToken: context.RequestAborted);
        return null;
    }
}
