using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Objects;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Files;

internal sealed class FileService(FileStore store, FileObjects objects, RunningUploads uploads, IOptions<FilesOptions> options, TimeProvider time)
{
    public const int MostInList = 10_000;

    private readonly FilesOptions _options = options.Value;

    /// <summary>Keeps the file of a form.</summary>
    public async Task<(FileRow? File, OpenAIError? Error)> UploadAsync(HttpRequest request, WorkCaller caller, CancellationToken cancellationToken)
    {
        // 1. Whether there is room for it, before its first byte is stored.
        var declared = Math.Min(request.ContentLength ?? 0, _options.MaxBytes);
        using var running = uploads.TryBegin(caller.Project, declared, out var others);
        if (running is null)
        {
            return (null, FileErrors.TooManyUploads(_options.MaxUploads));
        }

        var room = _options.MaxProjectBytes - await store.SumAsync(caller.Project, time.GetUtcNow(), cancellationToken) - others;
        if (room <= 0 || declared - FileUpload.FormBytes > room)
        {
            return (null, FileErrors.QuotaReached(_options.MaxProjectBytes));
        }

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var (begun, kept) = (false, false);
        try
        {
            // 2. The bytes, as they come.
            var bytes = 0L;
            var (upload, error) = await FileUpload.ReadAsync(request, new FormFile("file", _options.MaxBytes, FileErrors.TooLarge(_options.MaxBytes)), StoreAsync, cancellationToken);

            // 3. Whether they are wanted.
            error ??= upload.Purpose == FilePurposes.Batch ? null : FileErrors.BadPurpose(upload.Purpose);
            error ??= bytes == 0 ? FileErrors.EmptyFile : null;
            DateTimeOffset? expiresAt = null;
            error ??= upload.ReadExpiry(now, out expiresAt);
            if (error is not null)
            {
                return (null, error);
            }

            // 4. From here on it is there.
            var file = new FileRow
            {
                Id = id, Project = caller.Project, Purpose = FilePurposes.Batch, Filename = upload.Filename ?? "", Bytes = bytes, CreatedAt = now, ExpiresAt = expiresAt ?? now + _options.Retention,
            };
            var commit = await store.CommitAsync(file, _options.MaxProjectBytes, time.GetUtcNow(), cancellationToken);
            kept = commit == FileCommit.Kept;
            return commit switch
            {
                FileCommit.Kept => (file, null),
                FileCommit.NoRoom => (null, FileErrors.QuotaReached(_options.MaxProjectBytes)),
                _ => (null, FileErrors.TooLate),
            };

            async Task StoreAsync(Stream content)
            {
                await store.BeginAsync(id, caller.Project, caller.Subject, caller.Line, now, cancellationToken);
                begun = true;
                bytes = await objects.PutAsync(id, new FormPart(content, room, FileErrors.QuotaReached(_options.MaxProjectBytes)), cancellationToken);
            }
        }
        finally
        {
            if (begun && !kept)
            {
                await DropAsync(id);
            }
        }
    }

    public Task<FileRow?> FindAsync(WorkCaller caller, string id, CancellationToken cancellationToken) =>
        PublicId.TryParse(PublicId.File, id, out var known) ? store.FindAsync(caller.Project, caller.Only, known, time.GetUtcNow(), cancellationToken) : Task.FromResult<FileRow?>(null);

    public async Task<FileList> ListAsync(WorkCaller caller, ListQuery query, string? purpose, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(caller.Project, caller.Only, purpose, query.After, query.Ascending, query.Limit + 1, time.GetUtcNow(), cancellationToken);
        var data = rows.Take(query.Limit).Select(FileObject.From).ToArray();
        return new FileList("list", data, data.FirstOrDefault()?.Id, data.LastOrDefault()?.Id, rows.Count > query.Limit);
    }

    /// <summary>Null where the object is not there any more.</summary>
    public Task<ObjectContent?> OpenAsync(FileRow file, CancellationToken cancellationToken) => objects.OpenAsync(file.Id, cancellationToken);

    public async Task<OpenAIError?> DeleteAsync(WorkCaller caller, string id, CancellationToken cancellationToken)
    {
        if (!PublicId.TryParse(PublicId.File, id, out var known) || await store.DeleteAsync(caller.Project, caller.Only, known, cancellationToken) is not { } deleted)
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

    /// <summary>
    /// An upload that came to nothing leaves nothing, whoever has left meanwhile; a file that is there, though its gateway was not told so, stays. Where even
    /// this does not come through, the sweep finds the row.
    /// </summary>
    public async Task DropAsync(Guid id)
    {
        try
        {
            if (await store.AbandonAsync(id, CancellationToken.None))
            {
                await objects.DeleteAsync(id, CancellationToken.None);
                await store.RemoveAsync(id, CancellationToken.None);
            }
        }
        catch (Exception error) when (Loop.IsInfrastructure(error))
        {
            // As said.
        }
    }
}
