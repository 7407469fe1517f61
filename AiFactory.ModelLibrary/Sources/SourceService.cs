using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ModelLibrary.Sync;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Sources;

internal sealed class SourceService(
    Database database, SourceStore store, SyncStore syncs, SourceConnectors connectors, AuditLog audit, LibrarySignals signals, TimeProvider time)
{
    private const int NameLength = 100;

    internal async Task<Outcome<Page<SourceResponse>>> ListAsync(string project, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<SourceResponse>>();
        }

        if (!Cursors.TryId(after, out var id))
        {
            return Paging.BadAfter<Page<SourceResponse>>();
        }

        var rows = await store.ListAsync(project, id, limit + 1, cancellationToken);
        var last = (await syncs.ListLastAsync([.. rows.Select(row => row.Id)], cancellationToken)).ToDictionary(sync => sync.SourceId);
        return Paging.Page(rows, limit, row => ToResponse(row with { LastSync = last.GetValueOrDefault(row.Id) }), row => row.Id.ToString());
    }

    internal async Task<Outcome<SourceRow>> FindAsync(string project, Guid id, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(project, id, cancellationToken) is not { } source)
        {
            return Outcome<SourceRow>.Missed("source", id);
        }

        return source with { LastSync = await syncs.ListLastAsync([id], cancellationToken) is [var last] ? last : null };
    }

    internal async Task<Outcome<SourceRow>> CreateAsync(string project, SourceRequest request, string actor, CancellationToken cancellationToken)
    {
        if (Validate(request) is { Any: true } errors)
        {
            return errors.ToOutcome<SourceRow>();
        }

        var now = time.GetUtcNow();
        var source = new SourceRow
        {
            Id = Guid.CreateVersion7(now),
            Project = project,
            Name = request.Name.Trim(),
            Kind = request.Kind,
            Location = request.Location,
            NamePattern = request.NamePattern,
            TagFilter = request.TagFilter,
            Enabled = request.Enabled ?? true,
            CreatedBy = actor,
            ChangedBy = actor,
            CreatedAt = now,
            NextSyncAt = now,
        };
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await store.InsertAsync(transaction, source, cancellationToken))
        {
            return NameIsTaken(source.Name);
        }

        await audit.AppendAsync(transaction, new AuditEntry(project, actor, "source.created", $"source/{source.Id}") { After = ToResponse(source) }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Sync.Raise();
        return source;
    }

    internal async Task<Outcome<SourceRow>> UpdateAsync(string project, Guid id, SourceRequest request, string actor, CancellationToken cancellationToken)
    {
        if (Validate(request) is { Any: true } errors)
        {
            return errors.ToOutcome<SourceRow>();
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await store.LockAsync(transaction, project, id, cancellationToken) is not { } before)
        {
            return Outcome<SourceRow>.Missed("source", id);
        }

        if (request.Kind != before.Kind)
        {
            return FieldErrors.Of<SourceRow>("kind", "A source keeps its kind; make another one.");
        }

        var after = before with
        {
            Name = request.Name.Trim(),
            Location = request.Location,
            NamePattern = request.NamePattern,
            TagFilter = request.TagFilter,
            Enabled = request.Enabled ?? true,
            NextSyncAt = time.GetUtcNow(),
        };
        if (after.Location != before.Location || after.NamePattern != before.NamePattern || after.TagFilter != before.TagFilter)
        {
            after = after with { ChangedBy = actor };
        }

        if (await store.NameIsTakenAsync(transaction, project, after.Name, id, cancellationToken))
        {
            return NameIsTaken(after.Name);
        }

        await store.UpdateAsync(transaction, after, cancellationToken);
        await audit.AppendAsync(
            transaction,
            new AuditEntry(project, actor, "source.updated", $"source/{id}") { Before = ToResponse(before), After = ToResponse(after) },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signals.Sync.Raise();
        return after;
    }

    /// <summary>Versions that came from it stay.</summary>
    internal async Task<Outcome<SourceRow>> DeleteAsync(string project, Guid id, string actor, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (await store.LockAsync(transaction, project, id, cancellationToken) is not { } source)
        {
            return Outcome<SourceRow>.Missed("source", id);
        }

        await store.DeleteAsync(transaction, id, time.GetUtcNow(), cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(project, actor, "source.deleted", $"source/{id}") { Before = ToResponse(source) }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return source;
    }

    internal static SourceResponse ToResponse(SourceRow row) => new(
        row.Id,
        row.Project,
        row.Name,
        row.Kind,
        row.Location,
        row.NamePattern,
        row.TagFilter,
        row.Enabled,
        row.CreatedBy,
        row.CreatedAt,
        row.LastSync is { } sync ? SyncMapping.ToResult(sync) : null);

    private static Outcome<SourceRow>.Conflict NameIsTaken(string name) => new($"There is a source '{name}' already.");

    private FieldErrors Validate(SourceRequest request)
    {
        var errors = new FieldErrors();
        errors.Require(request.Name?.Trim() is { Length: > 0 and <= NameLength }, "name", $"A source needs a name of 1 to {NameLength} characters.");
        if (connectors.Find(request.Kind) is not { } connector)
        {
            errors.Add("kind", $"There is no kind '{request.Kind}'; use {string.Join(", ", connectors.Kinds)}.");
        }
        else if (string.IsNullOrWhiteSpace(request.Location))
        {
            errors.Add("location", "A source needs a location.");
        }
        else if (connector.Refuse(request.Location) is { } refusal)
        {
            errors.Add("location", refusal);
        }

        if (request.NamePattern is { } pattern && SourceRules.RefuseNamePattern(pattern) is { } badPattern)
        {
            errors.Add("namePattern", badPattern);
        }

        if (request.TagFilter is { } filter && SourceRules.RefuseTagFilter(filter) is { } badFilter)
        {
            errors.Add("tagFilter", badFilter);
        }

        return errors;
    }
}
