using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Builder.Knowledge.Ingestion;
using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Knowledge.Documents;

internal sealed class DocumentService(
    Database database,
    KnowledgeBaseStore bases,
    DocumentStore store,
    DocumentObjects objects,
    IngestionSignal signal,
    IOptions<KnowledgeOptions> options,
    TimeProvider time)
{
    private const int NameLength = 300;
    private const int TextLength = 100_000;

    internal async Task<Outcome<Page<DocumentResponse>>> ListAsync(string project, string baseName, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<DocumentResponse>>();
        }

        if (!Cursors.TryId(after, out var cursor))
        {
            return Paging.BadAfter<Page<DocumentResponse>>();
        }

        return await bases.FindAsync(project, baseName, cancellationToken) is { } owner
            ? Paging.Page(await store.ListAsync(owner.Id, cursor, limit + 1, cancellationToken), limit, row => row.ToResponse(), row => row.Id.ToString())
            : KnowledgeBaseService.Missed<Page<DocumentResponse>>(baseName);
    }

    internal async Task<Outcome<DocumentRow>> FindAsync(string project, string baseName, Guid id, CancellationToken cancellationToken)
    {
        if (await bases.FindAsync(project, baseName, cancellationToken) is not { } owner)
        {
            return KnowledgeBaseService.Missed<DocumentRow>(baseName);
        }

        return await store.FindAsync(owner.Id, id, cancellationToken) is { } row ? row : Missed<DocumentRow>(id);
    }

    /// <summary>
    /// Takes a document in. A name that is there already gets the new content; with the same content nothing changes, so that an upload can be repeated.
    /// </summary>
    /// <exception cref="DocumentTooLargeException">More bytes came than a document may have.</exception>
    internal async Task<Outcome<DocumentRow>> UploadAsync(string project, string baseName, Upload upload, string actor, CancellationToken cancellationToken)
    {
        if (Complaint(upload, out var format) is { } refused)
        {
            return refused;
        }

        if (await bases.FindAsync(project, baseName, cancellationToken) is not { } owner)
        {
            return KnowledgeBaseService.Missed<DocumentRow>(baseName);
        }

        // 1. The bytes, under a key of this upload alone: what is there already is not touched.
        var now = time.GetUtcNow();
        var prefix = DocumentObjects.Prefix(project, owner.Id, Guid.CreateVersion7(now));
        await using var limited = new LimitedStream(upload.Content, options.Value.MaximumDocumentBytes);
        var (size, digest) = await objects.PutDocumentAsync(prefix, limited, cancellationToken);
        var uploaded = new DocumentRow
        {
            Id = Guid.CreateVersion7(now),
            BaseId = owner.Id,
            Name = upload.Name,
            ContentType = format,
            Charset = upload.Charset,
            Size = size,
            Digest = digest,
            ObjectPrefix = prefix,
            State = DocumentStates.Queued,
            CreatedBy = actor,
            CreatedAt = now,
            UpdatedAt = time.GetUtcNow(),
        };

        // 2. The row that says so.
        var (outcome, unused) = size == 0
            ? (FieldErrors.Of<DocumentRow>("body", "The document is empty."), prefix)
            : await EnterAsync(project, uploaded, cancellationToken);

        // 3. What nothing refers to any more. A process that ends before this leaves it to the sweep.
        if (unused is not null)
        {
            await objects.DeleteAsync(unused, CancellationToken.None);
        }

        signal.Raise();
        return outcome;
    }

    internal async Task<Outcome<bool>> DeleteAsync(string project, string baseName, Guid id, CancellationToken cancellationToken)
    {
        if (await bases.FindAsync(project, baseName, cancellationToken) is not { } owner)
        {
            return KnowledgeBaseService.Missed<bool>(baseName);
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        await bases.RaiseRevisionAsync(transaction, owner.Id, cancellationToken);
        if (await store.DeleteAsync(transaction, owner.Id, id, cancellationToken) is not { } deleted)
        {
            return Missed<bool>(id);
        }

        await transaction.CommitAsync(cancellationToken);
        await objects.DeleteAsync(deleted.ObjectPrefix, CancellationToken.None);
        return true;
    }

    internal async Task<Outcome<DocumentRow>> RetryAsync(string project, string baseName, Guid id, CancellationToken cancellationToken)
    {
        var outcome = await FindAsync(project, baseName, id, cancellationToken);
        if (outcome is not Outcome<DocumentRow>.Done { Value: var row })
        {
            return outcome;
        }

        await using (var transaction = await database.BeginAsync(cancellationToken))
        {
            var waiting = await store.CountWaitingAsync(transaction, project, cancellationToken);
            if (row.State == DocumentStates.Failed && waiting >= options.Value.WaitingPerProject)
            {
                return TooMany(project, waiting, "try");
            }

            if (!await store.RetryAsync(transaction, id, time.GetUtcNow(), cancellationToken))
            {
                return new Outcome<DocumentRow>.Conflict($"There is nothing to try again: the document is {row.State}.");
            }

            await transaction.CommitAsync(cancellationToken);
        }

        signal.Raise();
        return await FindAsync(project, baseName, id, cancellationToken);
    }

    internal async Task<Outcome<DocumentText>> ReadTextAsync(
        string project, string baseName, Guid id, int? start, int? length, CancellationToken cancellationToken)
    {
        if (start is < 0 || length is < 0 or > TextLength)
        {
            return FieldErrors.Of<DocumentText>(start is < 0 ? "start" : "length", $"The start must not be negative, and the length must be 0 to {TextLength}.");
        }

        return await FindAsync(project, baseName, id, cancellationToken) switch
        {
            Outcome<DocumentRow>.Done { Value: { TextLength: { } total } row } => await ReadAsync(row, Math.Min(start ?? 0, total), total),
            Outcome<DocumentRow>.Done { Value: var row } => new Outcome<DocumentText>.Conflict($"The document has no text yet: it is {row.State}. {row.Error}".TrimEnd()),
            Outcome<DocumentRow>.Missing missing => new Outcome<DocumentText>.Missing(missing.Kind, missing.Id),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no outcome of finding a document."),
        };

        async Task<Outcome<DocumentText>> ReadAsync(DocumentRow row, int from, int total)
        {
            var text = await objects.ReadTextAsync(row, from, Math.Min(length ?? 4000, total - from), cancellationToken);
            return text is null ? Missed<DocumentText>(id) : new DocumentText(text, from, text.Length, total);
        }
    }

    /// <summary>The row as it is after the upload, and the objects that nothing refers to then.</summary>
    private async Task<(Outcome<DocumentRow> Outcome, string? Unused)> EnterAsync(string project, DocumentRow uploaded, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        var waiting = await store.CountWaitingAsync(transaction, project, cancellationToken);
        // Locks the base first, as everyone does; it also holds two uploads of one name apart.
        if (await bases.RaiseRevisionAsync(transaction, uploaded.BaseId, cancellationToken) == 0)
        {
            return (Outcome<DocumentRow>.Missed("knowledge base", uploaded.BaseId), uploaded.ObjectPrefix);
        }

        var existing = await store.LockByNameAsync(transaction, uploaded.BaseId, uploaded.Name, cancellationToken);
        if (existing is not null && existing.Digest == uploaded.Digest && existing.ContentType == uploaded.ContentType && existing.State != DocumentStates.Failed)
        {
            return (existing, uploaded.ObjectPrefix);
        }

        var waits = existing?.State is DocumentStates.Queued or DocumentStates.Parsing or DocumentStates.Embedding;
        if (!waits && waiting >= options.Value.WaitingPerProject)
        {
            return (TooMany(project, waiting, "upload"), uploaded.ObjectPrefix);
        }

        var row = existing is null ? uploaded : uploaded with { Id = existing.Id, CreatedBy = existing.CreatedBy, CreatedAt = existing.CreatedAt };
        await (existing is null ? store.InsertAsync(transaction, row, cancellationToken) : store.ReplaceAsync(transaction, row, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return (row, existing?.ObjectPrefix);
    }

    private static Outcome<DocumentRow>.TooMany TooMany(string project, long waiting, string what) => new(
        $"The project '{project}' has {waiting} documents that wait to be taken in, and may have no more (setting Knowledge:WaitingPerProject): {what} this one when some of them are ready.");

    private static Outcome<DocumentRow>? Complaint(Upload upload, out string contentType)
    {
        contentType = "";
        var errors = new FieldErrors();
        errors.Require(
            upload.Name.Length is >= 1 and <= NameLength && !upload.Name.Any(char.IsControl) && upload.Name.Trim() == upload.Name,
            "name",
            $"The name must have 1 to {NameLength} characters, none of them a control character, and no space at its ends: ?name=guide.pdf.");
        if (!errors.Any)
        {
            if (DocumentFormats.Find(upload.MediaType, upload.Name) is { } format)
            {
                contentType = format.ContentType;
                return null;
            }

            errors.Add("contentType", $"'{upload.Name}' ({(upload.MediaType.Length > 0 ? upload.MediaType : "no content type")}) cannot be read. Documents can be {DocumentFormats.Readable}.");
        }

        return errors.ToOutcome<DocumentRow>();
    }

    private static Outcome<T> Missed<T>(Guid id) => Outcome<T>.Missed("document", id);
}
