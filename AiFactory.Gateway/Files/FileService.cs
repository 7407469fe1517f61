using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Objects;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Files;

internal sealed class FileService(FileStore store, FileObjects objects, IOptions<FilesOptions> options, TimeProvider time)
{
    public const int MostInList = 10_000;

    private readonly FilesOptions _options = options.Value;

    /// <summary>Keeps the file of a form.</summary>
    public async Task<(FileRow? File, OpenAIError? Error)> UploadAsync(HttpRequest request, WorkCaller caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var (begun, kept) = (false, false);
        try
        {
            // 1. The bytes, as they come.
            var bytes = 0L;
            var (upload, error) = await FileUpload.ReadAsync(request, _options.MaxBytes, StoreAsync, cancellationToken);

            // 2. Whether they are wanted.
            error ??= upload.Purpose == FilePurposes.Batch ? null : FileErrors.BadPurpose(upload.Purpose);
            error ??= bytes == 0 ? FileErrors.EmptyFile : null;
            DateTimeOffset? expiresAt = null;
            error ??= upload.ReadExpiry(now, out expiresAt);
            if (error is not null)
            {
                return (null, error);
            }

            // 3. From here on it is there.
            var file = new FileRow
            {
                Id = id, Project = caller.Project, Purpose = FilePurposes.Batch, Filename = upload.Filename ?? "", Bytes = bytes, CreatedAt = now, ExpiresAt = expiresAt ?? now + _options.Retention,
            };
            kept = await store.CommitAsync(file, _options.MaxProjectBytes, cancellationToken);
            return kept ? (file, null) : (null, FileErrors.QuotaReached(_options.MaxProjectBytes));

            async Task StoreAsync(Stream content)
            {
                await store.BeginAsync(id, caller.Project, caller.Subject, now, cancellationToken);
                begun = true;
                bytes = await objects.PutAsync(id, content, cancellationToken);
            }
        }
        finally
        {
            if (begun && !kept)
            {
                // Where even this does not come through, the sweep finds the row after a day.
                await store.AbandonAsync(id, CancellationToken.None);
            }
        }
    }

    public Task<FileRow?> FindAsync(WorkCaller caller, string id, CancellationToken cancellationToken) =>
        PublicId.TryParse(PublicId.File, id, out var known) ? store.FindAsync(caller.Project, known, time.GetUtcNow(), cancellationToken) : Task.FromResult<FileRow?>(null);

    public async Task<FileList> ListAsync(WorkCaller caller, ListQuery query, string? purpose, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(caller.Project, purpose, query.After, query.Ascending, query.Limit + 1, time.GetUtcNow(), cancellationToken);
        var data = rows.Take(query.Limit).Select(FileObject.From).ToArray();
        return new FileList("list", data, data.FirstOrDefault()?.Id, data.LastOrDefault()?.Id, rows.Count > query.Limit);
    }

    /// <summary>Null where the object is not there any more.</summary>
    public Task<ObjectContent?> OpenAsync(FileRow file, CancellationToken cancellationToken) => objects.OpenAsync(file.Id, cancellationToken);

    public async Task<OpenAIError?> DeleteAsync(WorkCaller caller, string id, CancellationToken cancellationToken)
    {
        if (!PublicId.TryParse(PublicId.File, id, out var known) || await store.DeleteAsync(caller.Project, known, cancellationToken) is not { } deleted)
        {
            return FileErrors.NotFound(id);
        }

        if (!deleted)
        {
            return FileErrors.InUse(id);
        }

        await objects.DeleteAsync(known, cancellationToken);
        await store.RemoveAsync(known, cancellationToken);
        return null;
    }
}
