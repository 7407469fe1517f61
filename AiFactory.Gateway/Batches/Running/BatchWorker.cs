using AiFactory.Gateway.Files;
using AiFactory.Gateway.Webhooks;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>
/// Takes batches from one state to the next: reads their input, freezes them when they have come to their end, and writes what they leave. Whatever kills the gateway
/// meanwhile, another one goes on when the lease is over, and the client sees one end.
/// </summary>
internal sealed partial class BatchWorker(
    MigrationState migrations,
    WorkSignals signals,
    StageStore store,
    BatchStore batches,
    BatchValidation validation,
    ResultFiles results,
    WebhookSignal webhooks,
    BatchTelemetry telemetry,
    IOptions<BatchOptions> options,
    IOptions<FilesOptions> files,
    TimeProvider time,
    ILogger<BatchWorker> logger) : Loop(migrations, signals.Stages, options.Value.Interval, time, logger)
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterBug = TimeSpan.FromMinutes(5);

    private readonly Leases _leases = new(options.Value.Lease, time);
    private readonly TimeProvider _time = time;
    private readonly ILogger<BatchWorker> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var claim = Guid.CreateVersion7(now);
        if (await store.ClaimAsync(claim, now, _leases.Duration, cancellationToken) is not { } batch)
        {
            return false;
        }

        try
        {
            await _leases.HoldAsync(
                (_, token) => store.RenewAsync(batch.Id, claim, _leases.Duration, token),
                async token =>
                {
                    await StepAsync(batch, claim, token);
                    return true;
                },
                cancellationToken);
        }
        catch (LeaseLostException)
        {
            LogLost(_logger, batch.Id);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next one goes on at once instead of after the lease.
            await store.ReleaseAsync(batch.Id, claim, now, CancellationToken.None);
            throw;
        }
        catch (Exception error) when (IsAway(error))
        {
            LogAway(_logger, error, batch.Id);
            await store.ReleaseAsync(batch.Id, claim, _time.GetUtcNow() + AfterFailure, cancellationToken);
        }
        catch (Exception error)
        {
            // A bug that one batch brings out holds up that one: thrown on, it would stop the host, and stop it again after each start.
            LogUnforeseen(_logger, error, batch.Id);
            await store.ReleaseAsync(batch.Id, claim, _time.GetUtcNow() + AfterBug, cancellationToken);
        }

        return true;
    }

    private async Task StepAsync(BatchRow batch, Guid claim, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (batch is { Kind: BatchKinds.Batch, Status: BatchStates.Validating } && batch.ExpiresAt > now)
        {
            await validation.RunAsync(batch, claim, cancellationToken);
            signals.Requests.Raise();
            return;
        }

        // 1. Nothing changes from here on; the files have their ids.
        if (batch.FrozenAt is null)
        {
            var isDone = batch.Status == BatchStates.InProgress && await store.IsDoneAsync(batch.Id, cancellationToken);
            batch = await store.FreezeAsync(batch.Id, claim, Ending.Of(batch, isDone, now), Guid.CreateVersion7(now), Guid.CreateVersion7(now), now, cancellationToken);
        }

        // 2. What it leaves.
        var counts = await batches.CountAsync([batch.Id], cancellationToken) is [var some] ? some : new ResultCounts { BatchId = batch.Id };
        var left = new List<FileRow>();
        if (batch is { Kind: BatchKinds.Batch, OutputFile: { } output, ErrorFile: { } errors })
        {
            await WriteAsync(output, counts.Completed, "output");
            await WriteAsync(errors, counts.Failed, "error");
        }

        // 3. The client sees it ended, with its files, in one moment.
        var at = _time.GetUtcNow();
        await store.EndAsync(batch, claim, counts, left, WebhookEvents.Of(batch, batch.Outcome ?? "", counts.Failed, at), at, cancellationToken);
        webhooks.Signal.Raise();
        telemetry.Ended(batch.Kind, batch.Outcome ?? "");
        LogEnded(_logger, batch.Kind, batch.Id, batch.Outcome ?? "", counts.Completed, counts.Failed);

        async Task WriteAsync(Guid id, int lines, string name)
        {
            if (lines > 0)
            {
                var bytes = await results.WriteAsync(id, batch, completed: name == "output", cancellationToken);
                left.Add(new FileRow
                {
                    Id = id,
                    Project = batch.Project,
                    Purpose = FilePurposes.BatchOutput,
                    Filename = $"{Storage.PublicId.Of(Storage.PublicId.Batch, batch.Id)}_{name}.jsonl",
                    Bytes = bytes,
                    CreatedAt = now,
                    ExpiresAt = now + (batch.OutputExpiresSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : files.Value.Retention),
                });
            }
        }
    }

    [LoggerMessage(1721, LogLevel.Information, "The {Kind} {Batch} ended: {Outcome}, {Completed} requests completed, {Failed} failed")]
    private static partial void LogEnded(ILogger logger, string kind, Guid batch, string outcome, int completed, int failed);

    [LoggerMessage(1722, LogLevel.Information, "Batch {Batch} is another gateway's now, or was cancelled")]
    private static partial void LogLost(ILogger logger, Guid batch);

    [LoggerMessage(1723, LogLevel.Warning, "Batch {Batch} waits: what it is kept in does not answer")]
    private static partial void LogAway(ILogger logger, Exception error, Guid batch);

    [LoggerMessage(1724, LogLevel.Error, "Batch {Batch} failed in a way that was not foreseen, and is tried again in five minutes")]
    private static partial void LogUnforeseen(ILogger logger, Exception error, Guid batch);
}
