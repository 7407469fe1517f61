using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.Files;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Storage;
using AiFactory.Gateway.Webhooks;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches;

internal sealed class BatchService(
    BatchStore store, FileStore files, BatchProgress progress, WebhookGate webhooks, CurrentRoutes routes, RunningRequests running, WorkSignals signals, IOptions<BatchOptions> options, IOptions<FilesOptions> fileOptions, TimeProvider time)
{
    public const int MostInList = 100;
    public const int InList = 20;

    public async Task<(BatchRow? Batch, OpenAIError? Error)> CreateAsync(WorkCaller caller, BatchRequest request, CancellationToken cancellationToken)
    {
        if (!caller.HasKey)
        {
            return (null, BatchErrors.NeedsKey);
        }

        if (await webhooks.CheckAsync(caller.Project, request.Webhook, cancellationToken) is { } error)
        {
            return (null, error);
        }

        // What batches leave is not refused when it is there, for it was computed and is paid: so nothing more is begun.
        var now = time.GetUtcNow();
        if (await files.SumAsync(caller.Project, now, cancellationToken) > fileOptions.Value.MaxProjectBytes)
        {
            return (null, BatchErrors.NoRoom(fileOptions.Value.MaxProjectBytes));
        }

        var batch = new BatchRow
        {
            Id = Guid.CreateVersion7(now),
            Kind = BatchKinds.Batch,
            Project = caller.Project,
            Subject = caller.Subject,
            Line = caller.Line,
            KnownVersion = routes.Table?.Snapshot.Version,
            KnownAt = routes.Table?.Snapshot.PublishedAt.ToUniversalTime(),
            Endpoint = request.Endpoint,
            Status = BatchStates.Validating,
            InputFile = request.InputFile,
            CompletionWindow = request.CompletionWindow,
            OutputExpiresSeconds = request.OutputExpiresSeconds,
            Metadata = request.Metadata,
            Webhook = request.Webhook,
            CreatedAt = now,
            ExpiresAt = now + request.Window,
        };
        await using var transaction = await store.BeginAsync(cancellationToken);
        if (!await BatchStore.HoldInputAsync(transaction, caller.Project, caller.Only, request.InputFile, now, cancellationToken))
        {
            return (null, FileErrors.NotFound(request.InputFileId));
        }

        if (!await BatchStore.InsertAsync(transaction, batch, options.Value.MaxOpen, cancellationToken))
        {
            return (null, BatchErrors.TooMany(options.Value.MaxOpen));
        }

        await transaction.CommitAsync(cancellationToken);
        signals.Stages.Raise();
        return (batch, null);
    }

    public async Task<BatchRow?> FindAsync(WorkCaller caller, string id, CancellationToken cancellationToken) =>
        PublicId.TryParse(PublicId.Batch, id, out var known) && await store.FindAsync(caller.Project, caller.Only, BatchKinds.Batch, known, cancellationToken) is { } row
            ? await progress.FillAsync(row, cancellationToken)
            : null;

    public async Task<BatchList> ListAsync(WorkCaller caller, ListQuery query, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(caller.Project, caller.Only, BatchKinds.Batch, query.After, query.Ascending, query.Limit + 1, cancellationToken);
        var data = (await progress.FillAsync([.. rows.Take(query.Limit)], cancellationToken)).Select(BatchObject.From).ToArray();
        return new BatchList("list", data, data.FirstOrDefault()?.Id, data.LastOrDefault()?.Id, rows.Count > query.Limit);
    }

    public async Task<(BatchRow? Batch, OpenAIError? Error)> CancelAsync(WorkCaller caller, string id, CancellationToken cancellationToken)
    {
        if (!PublicId.TryParse(PublicId.Batch, id, out var known))
        {
            return (null, BatchErrors.NotFound(id));
        }

        var cancelled = await store.CancelAsync(caller.Project, caller.Only, BatchKinds.Batch, known, time.GetUtcNow(), cancellationToken);
        if (cancelled)
        {
            running.CancelBatch(known);
            signals.Stages.Raise();
        }

        var batch = await FindAsync(caller, id, cancellationToken);
        return batch switch
        {
            null => (null, BatchErrors.NotFound(id)),

            // Asked for again it is what was asked for.
            { Status: BatchStates.Cancelling or BatchStates.Cancelled } => (batch, null),
            _ => (null, BatchErrors.NotCancellable(id, batch.Status)),
        };
    }
}
