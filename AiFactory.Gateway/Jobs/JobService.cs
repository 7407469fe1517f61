using System.Text.Json;
using AiFactory.Gateway.Batches;
using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Storage;
using AiFactory.Gateway.Webhooks;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Jobs;

/// <summary>Jobs are batches of one request, by the same engine.</summary>
internal sealed class JobService(
    BatchStore batches, JobStore store, WorkObjects objects, WebhookStore messages, WebhookGate webhooks, CurrentRoutes routes, RunningRequests running, WorkSignals signals, IOptions<BatchOptions> options, TimeProvider time)
{
    public const int MostInList = 200;
    public const int InList = 50;

    /// <summary>In which a body is kept; a job whose gateway died meanwhile is ended after it.</summary>
    private static readonly TimeSpan Keeping = TimeSpan.FromHours(1);

    /// <param name="key">What the client calls its request, so that it can ask again when the answer was lost.</param>
    /// <returns>Also whether it was asked for before.</returns>
    public async Task<(JobResponse? Job, bool Again, OpenAIError? Error)> CreateAsync(WorkCaller caller, JobRequest request, string? key, CancellationToken cancellationToken)
    {
        if (!caller.HasKey)
        {
            return (null, false, BatchErrors.NeedsKey);
        }

        if (await webhooks.CheckAsync(caller.Project, request.Webhook, cancellationToken) is { } error)
        {
            return (null, false, error);
        }

        var now = time.GetUtcNow();
        var large = request.Body.Length > options.Value.InlineBytes;
        var batch = new BatchRow
        {
            Id = Guid.CreateVersion7(now),
            Kind = BatchKinds.Job,
            Project = caller.Project,
            Subject = caller.Subject,
            Line = caller.Line,
            KnownVersion = routes.Table?.Snapshot.Version,
            KnownAt = routes.Table?.Snapshot.PublishedAt.ToUniversalTime(),
            Endpoint = request.Url,
            Status = large ? BatchStates.Validating : BatchStates.InProgress,
            InProgressAt = large ? null : now,
            CompletionWindow = request.CompletionWindow,
            Metadata = request.Metadata,
            Webhook = request.Webhook,
            IdempotencyKey = key,
            RequestHash = key is null ? null : request.Hash(),
            Total = 1,
            HasObjects = large,
            CreatedAt = now,
            ExpiresAt = now + request.Window,
        };

        // 1. The row, before any object; or the one that there is.
        BatchRow? known = null;
        await using (var transaction = await batches.BeginAsync(cancellationToken))
        {
            await BatchStore.LockProjectAsync(transaction, caller.Project, cancellationToken);
            known = key is null ? null : await JobStore.FindByKeyAsync(transaction, caller.Project, caller.Line, key, cancellationToken);
            if (known is null)
            {
                if (!await BatchStore.InsertAsync(transaction, batch, options.Value.MaxOpen, cancellationToken))
                {
                    return (null, false, BatchErrors.TooMany(options.Value.MaxOpen));
                }

                await (large
                    ? JobStore.HoldBackAsync(transaction, batch.Id, now + Keeping, cancellationToken)
                    : JobStore.InsertRequestAsync(transaction, batch.Id, request.Body, now, cancellationToken));
                await transaction.CommitAsync(cancellationToken);
            }
        }

        if (known is not null && !known.RequestHash.AsSpan().SequenceEqual(batch.RequestHash))
        {
            return (null, false, JobErrors.OtherRequest(key ?? ""));
        }

        // 2. A large body, and then it may begin. Who took it in before may have ended before the body was kept.
        if (known is null ? large : known is { Status: BatchStates.Validating })
        {
            await KeepAsync(known?.Id ?? batch.Id, request.Body, now, cancellationToken);
        }

        signals.Requests.Raise();
        return known is null ? (Response(batch, null, null, null), false, null) : await FindAsync(caller, PublicId.Of(PublicId.Job, known.Id), cancellationToken) is { } job
            ? (job, true, null)
            : (null, false, JobErrors.NotFound(PublicId.Of(PublicId.Job, known.Id)));
    }

    private async Task KeepAsync(Guid batch, byte[] body, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await objects.PutBodyAsync(batch, body, cancellationToken);
        await using var transaction = await batches.BeginAsync(cancellationToken);
        if (await JobStore.BeginAsync(transaction, batch, time.GetUtcNow(), cancellationToken))
        {
            await JobStore.InsertRequestAsync(transaction, batch, null, now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>Null when there is none.</summary>
    public async Task<JobResponse?> FindAsync(WorkCaller caller, string id, CancellationToken cancellationToken)
    {
        if (await RowAsync(caller, id, cancellationToken) is not { } batch)
        {
            return null;
        }

        var request = await store.FindRequestAsync(batch.Id, cancellationToken);
        var message = batch.Webhook is null ? null : await messages.FindOfAsync(batch.Id, cancellationToken);
        return Response(batch, request, message, request?.Answer);
    }

    public async Task<JobPage> ListAsync(WorkCaller caller, ListQuery query, CancellationToken cancellationToken)
    {
        var rows = await batches.ListAsync(caller.Project, caller.Only, BatchKinds.Job, query.After, query.Ascending, query.Limit + 1, cancellationToken);
        var page = rows.Take(query.Limit).ToArray();
        var requests = (await store.RequestsAsync([.. page.Select(row => row.Id)], cancellationToken)).ToDictionary(request => request.BatchId);
        var items = page.Select(row => Response(row, requests.GetValueOrDefault(row.Id), null, null)).ToArray();
        return new JobPage(items, rows.Count > query.Limit ? items[^1].Id : null);
    }

    /// <summary>The answer, where there is one.</summary>
    public async Task<(byte[]? Answer, OpenAIError? Error)> ResultAsync(WorkCaller caller, string id, CancellationToken cancellationToken)
    {
        if (await RowAsync(caller, id, cancellationToken) is not { } batch)
        {
            return (null, JobErrors.NotFound(id));
        }

        if (!batch.HasEnded)
        {
            return (null, JobErrors.NotEnded(id));
        }

        var request = await store.FindRequestAsync(batch.Id, cancellationToken);
        var answer = request?.AnswerObject is { } key ? await objects.ReadAsync(key, cancellationToken) : request?.Answer;
        return answer is null ? (null, JobErrors.NoResult(id)) : (answer, null);
    }

    /// <summary>One that has not ended is cancelled; one that has is forgotten, with its result.</summary>
    /// <returns>The cancelled job, or nothing where it is forgotten.</returns>
    public async Task<(JobResponse? Job, OpenAIError? Error)> DeleteAsync(WorkCaller caller, string id, CancellationToken cancellationToken)
    {
        if (await RowAsync(caller, id, cancellationToken) is not { } batch)
        {
            return (null, JobErrors.NotFound(id));
        }

        if (batch.HasEnded)
        {
            // The row last: as long as it is there, what is left of its objects is swept.
            if (batch.HasObjects)
            {
                await objects.DeleteAllAsync(batch.Id, cancellationToken);
            }

            await store.DeleteAsync(caller.Project, batch.Id, cancellationToken);
            return (null, null);
        }

        if (await batches.CancelAsync(caller.Project, caller.Only, BatchKinds.Job, batch.Id, time.GetUtcNow(), cancellationToken))
        {
            running.CancelBatch(batch.Id);
            signals.Stages.Raise();
        }

        var job = await FindAsync(caller, id, cancellationToken);
        return (job, job is null ? JobErrors.NotFound(id) : null);
    }

    private Task<BatchRow?> RowAsync(WorkCaller caller, string id, CancellationToken cancellationToken) =>
        PublicId.TryParse(PublicId.Job, id, out var known) ? batches.FindAsync(caller.Project, caller.Only, BatchKinds.Job, known, cancellationToken) : Task.FromResult<BatchRow?>(null);

    private JobResponse Response(BatchRow batch, JobRequestRow? request, WebhookMessageRow? message, byte[]? body)
    {
        var id = PublicId.Of(PublicId.Job, batch.Id);
        var ended = batch.HasEnded;
        return new JobResponse(
            id,
            JobStates.Of(batch, request),
            batch.Endpoint,
            batch.CreatedAt,
            batch.ExpiresAt,
            batch.CompletedAt ?? batch.FailedAt ?? batch.ExpiredAt ?? batch.CancelledAt,
            new JobProgress(1, request?.State == "done" ? 1 : 0, request?.Attempt ?? 0, request is { State: "waiting", Attempt: > 0 } && !ended && request.NextAt > time.GetUtcNow() ? request.NextAt : null),
            ended && request is { Status: { } status, ErrorCode: null } ? new JobResult(status, body, $"/api/jobs/{id}/result") : null,
            ended && request?.ErrorCode is { } code ? new JobError(code, request.ErrorMessage ?? "") : null,
            batch.Webhook is { } url ? new JobWebhook(url, message?.State ?? "none", message?.Attempts ?? 0, message?.LastError) : null,
            batch.Metadata is null ? null : JsonSerializer.Deserialize<JsonElement>(batch.Metadata));
    }
}
