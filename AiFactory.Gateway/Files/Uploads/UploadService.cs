using System.Security.Cryptography;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Loops;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Files.Uploads;

/// <summary>Files that come in parts: each can be sent again by itself, and in any order.</summary>
internal sealed class UploadService(
    UploadStore store, UploadObjects objects, FileService files, FileStore fileStore, FileObjects fileObjects, RunningUploads running, IOptions<FilesOptions> options, TimeProvider time)
{
    /// <summary>Of one upload.</summary>
    public const int MostParts = 1000;

    /// <summary>In which most files are put together.</summary>
    private static readonly TimeSpan LongestJoin = TimeSpan.FromMinutes(5);

    private readonly FilesOptions _options = options.Value;

    public async Task<(UploadObject? Upload, OpenAIError? Error)> CreateAsync(WorkCaller caller, UploadRequest request, CancellationToken cancellationToken)
    {
        if (request.Bytes > _options.MaxBytes)
        {
            return (null, FileErrors.TooLarge(_options.MaxBytes));
        }

        var now = time.GetUtcNow();
        var row = new UploadRow
        {
            Id = Guid.CreateVersion7(now),
            Project = caller.Project,
            Subject = caller.Subject,
            Line = caller.Line,
            Filename = request.Filename,
            Bytes = request.Bytes,
            State = UploadRow.Pending,
            FileExpiresSeconds = request.FileExpiresSeconds,
            CreatedAt = now,
            ExpiresAt = now + _options.UploadLifetime,
        };
        return await store.InsertAsync(row, _options.MaxProjectBytes, cancellationToken)
            ? (UploadObject.From(row, null, now), null)
            : (null, FileErrors.QuotaReached(_options.MaxProjectBytes));
    }

    public async Task<(UploadPartObject? Part, OpenAIError? Error)> AddPartAsync(HttpRequest request, WorkCaller caller, string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, id, cancellationToken) is not { } upload)
        {
            return (null, UploadErrors.NotFound(id));
        }

        var now = time.GetUtcNow();
        if (!upload.IsOpen(now))
        {
            return (null, NotPending(upload));
        }

        // Its bytes are the project's since there is the upload.
        using var underWay = running.TryBegin(caller.Project, 0, out _);
        if (underWay is null)
        {
            return (null, FileErrors.TooManyUploads(_options.MaxUploads));
        }

        var part = Guid.CreateVersion7(now);
        var (begun, kept, bytes) = (false, false, 0L);
        try
        {
            var limit = Math.Min(_options.MaxPartBytes, upload.Bytes);
            var (_, error) = await FileUpload.ReadAsync(
                request, new FormFile("data", limit, limit < _options.MaxPartBytes ? UploadErrors.TooManyBytes(limit) : UploadErrors.PartTooLarge(limit)), StoreAsync, cancellationToken);
            error ??= begun ? null : UploadErrors.TooManyParts(MostParts);
            error ??= bytes == 0 ? FileErrors.EmptyFile : null;
            if (error is not null)
            {
                return (null, error);
            }

            var commit = await store.CommitPartAsync(upload, part, bytes, _options.MaxProjectBytes, time.GetUtcNow(), cancellationToken);
            kept = commit == PartCommit.Kept;
            return commit switch
            {
                PartCommit.Kept => (new UploadPartObject(PublicId.Of(PublicId.Part, part), "upload.part", now.ToUnixTimeSeconds(), id), null),
                PartCommit.TooMuch => (null, UploadErrors.TooManyBytes(upload.Bytes)),
                PartCommit.NoRoom => (null, FileErrors.QuotaReached(_options.MaxProjectBytes)),
                _ => (null, NotPending(await FindAsync(caller, id, cancellationToken) ?? upload)),
            };
        }
        finally
        {
            if (begun && !kept)
            {
                await DropAsync(upload.Id, part);
            }
        }

        async Task StoreAsync(Stream content)
        {
            begun = await store.BeginPartAsync(upload.Id, part, MostParts, now, cancellationToken);
            bytes = begun ? await objects.PutAsync(upload.Id, part, content, cancellationToken) : 0;
        }
    }

    /// <summary>Makes the file. Asked for again it answers with that one, for the answer may have been lost.</summary>
    public async Task<(UploadObject? Upload, OpenAIError? Error)> CompleteAsync(WorkCaller caller, string id, UploadCompletion completion, CancellationToken cancellationToken)
    {
        // Before the row is read: who comes after another one sees the other's file, and makes none.
        using var joining = PublicId.TryParse(PublicId.Upload, id, out var known) ? running.TryJoin(caller.Project, known) : null;
        if (await FindAsync(caller, id, cancellationToken) is not { } upload)
        {
            return (null, UploadErrors.NotFound(id));
        }

        var now = time.GetUtcNow();
        if (upload is { State: UploadRow.Completed, FileId: { } made })
        {
            return (UploadObject.From(upload, await fileStore.FindAsync(caller.Project, caller.Only, made, now, cancellationToken), now), null);
        }

        if (!upload.IsOpen(now))
        {
            return (null, NotPending(upload));
        }

        if (joining is null)
        {
            return (null, UploadErrors.BeingCompleted(id));
        }

        using var underWay = running.TryBegin(caller.Project, 0, out _);
        if (underWay is null)
        {
            return (null, FileErrors.TooManyUploads(_options.MaxUploads));
        }

        // 1. Whether the parts are the file.
        var parts = (await store.PartsAsync(upload.Id, cancellationToken)).ToDictionary(part => part.Id, part => part.Bytes ?? 0);
        var bytes = 0L;
        foreach (var part in completion.Parts)
        {
            if (!parts.Remove(part, out var length))
            {
                return (null, UploadErrors.UnknownPart(PublicId.Of(PublicId.Part, part)));
            }

            bytes += length;
        }

        if (bytes != upload.Bytes)
        {
            return (null, UploadErrors.WrongLength(bytes, upload.Bytes));
        }

        // What another gateway has just completed says so when it is asked for again.
        return await store.TryJoinAsync(upload.Id, LongestJoin, cancellationToken) is { } until
            ? await JoinAsync(upload, completion, until, now, cancellationToken)
            : (null, UploadErrors.BeingCompleted(id));
    }

    public async Task<(UploadObject? Upload, OpenAIError? Error)> CancelAsync(WorkCaller caller, string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, id, cancellationToken) is not { } upload)
        {
            return (null, UploadErrors.NotFound(id));
        }

        var now = time.GetUtcNow();
        if (upload.State != UploadRow.Cancelled && !await store.CancelAsync(upload.Id, now, cancellationToken))
        {
            return (null, NotPending(upload));
        }

        await RemovePartsAsync(upload.Id, cancellationToken);
        return (UploadObject.From(upload with { State = UploadRow.Cancelled }, null, now), null);
    }

    private Task<UploadRow?> FindAsync(WorkCaller caller, string id, CancellationToken cancellationToken) =>
        PublicId.TryParse(PublicId.Upload, id, out var known) ? store.FindAsync(caller.Project, caller.Only, known, cancellationToken) : Task.FromResult<UploadRow?>(null);

    private OpenAIError NotPending(UploadRow upload)
    {
        var seen = UploadObject.From(upload, null, time.GetUtcNow());
        return UploadErrors.NotPending(seen.Id, seen.Status);
    }

    private async Task<(UploadObject? Upload, OpenAIError? Error)> JoinAsync(UploadRow upload, UploadCompletion completion, DateTime until, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var file = new FileRow
        {
            Id = Guid.CreateVersion7(now),
            Project = upload.Project,
            Purpose = FilePurposes.Batch,
            Filename = upload.Filename,
            Bytes = upload.Bytes,
            CreatedAt = now,
            ExpiresAt = now + (upload.FileExpiresSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : _options.Retention),
        };
        var (begun, kept) = (false, false);
        try
        {
            await fileStore.BeginAsync(file.Id, upload.Project, upload.Subject, upload.Line, now, cancellationToken);
            begun = true;

            // 2. Its bytes, in the order that is asked for.
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            await using (var joined = new JoinedParts(objects, upload.Id, completion.Parts, hash))
            {
                await fileObjects.PutAsync(file.Id, joined, cancellationToken);
            }

            if (completion.Md5 is { } md5 && !md5.Equals(Convert.ToHexStringLower(hash.GetHashAndReset()), StringComparison.OrdinalIgnoreCase))
            {
                return (null, UploadErrors.WrongHash);
            }

            // 3. The file is there, and the upload has ended, in one moment.
            var commit = await fileStore.CommitAsync(file, _options.MaxProjectBytes, now, cancellationToken, upload.Id);
            kept = commit == FileCommit.Kept;
            switch (commit)
            {
                // Batches leave files whatever room there is, also the promised one.
                case FileCommit.NoRoom:
                    return (null, FileErrors.QuotaReached(_options.MaxProjectBytes));
                case FileCommit.TooLate:
                    return (null, NotPending(await store.FindAsync(upload.Project, null, upload.Id, cancellationToken) ?? upload));
            }
        }
        finally
        {
            if (begun && !kept)
            {
                await files.DropAsync(file.Id);
            }

            if (!kept)
            {
                await EndJoinAsync(upload.Id, until);
            }
        }

        await RemovePartsAsync(upload.Id, CancellationToken.None);
        return (UploadObject.From(upload with { State = UploadRow.Completed, FileId = file.Id }, file, now), null);
    }

    private async Task EndJoinAsync(Guid upload, DateTime until)
    {
        try
        {
            await store.EndJoinAsync(upload, until, CancellationToken.None);
        }
        catch (Exception error) when (Loop.IsInfrastructure(error))
        {
            // It ends by itself.
        }
    }

    /// <summary>What does not come through here, the sweep does.</summary>
    private async Task RemovePartsAsync(Guid upload, CancellationToken cancellationToken)
    {
        foreach (var part in await store.PartsAsync(upload, cancellationToken))
        {
            await DropAsync(upload, part.Id);
        }
    }

    private async Task DropAsync(Guid upload, Guid part)
    {
        try
        {
            await objects.DeleteAsync(upload, part, CancellationToken.None);
            await store.RemovePartAsync(part, CancellationToken.None);
        }
        catch (Exception error) when (Loop.IsInfrastructure(error))
        {
            // As said.
        }
    }
}
