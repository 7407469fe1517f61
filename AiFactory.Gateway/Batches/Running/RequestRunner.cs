using System.Text.Json;
using AiFactory.ServiceDefaults.Loops;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Takes one claimed request to its result, or gives it back. Its one result is written by whoever has the claim at that moment, and by nobody else.</summary>
internal sealed partial class RequestRunner(
    RequestSender sender, RequestStore store, WorkObjects objects, RunningRequests running, LargeWork large, WorkSignals signals, BatchTelemetry telemetry, IOptions<BatchOptions> options, TimeProvider time, ILogger<RequestRunner> logger)
{
    private static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(3);

    private readonly BatchOptions _options = options.Value;

    /// <param name="cancellationToken">Ends when the gateway stops, the claim is lost or the batch ends.</param>
    public async Task RunAsync(RequestRow row, CancellationToken cancellationToken)
    {
        using var answer = new WorkAnswer(_options.MaxAnswerBytes, large);
        RequestVerdict? verdict = null;
        try
        {
            verdict = await TryAsync(row, answer, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            await RecordAsync(row, verdict, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await LeaveAsync(row, verdict);
        }
        catch (Exception error)
        {
            // Nobody waits for this task: what comes this far is logged, and the request is another's when its lease is over.
            LogUnforeseen(logger, error, row.RequestId);
        }
    }

    private async Task<RequestVerdict> TryAsync(RequestRow row, WorkAnswer answer, CancellationToken cancellationToken)
    {
        try
        {
            return await sender.SendAsync(row, answer, cancellationToken);
        }
        catch (Exception error) when (Loop.IsAway(error) && !cancellationToken.IsCancellationRequested)
        {
            LogAway(logger, error.Message, row.RequestId);
            return new RequestVerdict.Wait(null);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // A bug that one request brings out is that request's end: tried again it would only come back.
            LogUnforeseen(logger, error, row.RequestId);
            return RequestVerdict.Result.Failed("internal_error", "The gateway failed over this request in a way that was not foreseen; its log says more.");
        }
    }

    /// <summary>As often as it takes: while the database is away nobody else can take the request either.</summary>
    private async Task RecordAsync(RequestRow row, RequestVerdict verdict, CancellationToken cancellationToken)
    {
        for (var pause = TimeSpan.FromMilliseconds(250); ; pause = pause * 2 < _options.Lease ? pause * 2 : _options.Lease)
        {
            try
            {
                await RecordOnceAsync(row, verdict, cancellationToken);
                return;
            }
            catch (Exception error) when (Loop.IsAway(error) && !cancellationToken.IsCancellationRequested)
            {
                LogAway(logger, error.Message, row.RequestId);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    private async Task RecordOnceAsync(RequestRow row, RequestVerdict verdict, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        switch (verdict)
        {
            case RequestVerdict.Result result:
                await FinishAsync(row, result, now, cancellationToken);
                break;

            case RequestVerdict.Wait { IsCrowded: true } wait:
                // Given back first, so that of several that were refused together the last one counts those that have room.
                await store.ReleaseAsync(row, running.Claim, row.Failures, now, cancellationToken);
                if (!await store.CrowdAsync(row.BatchId, _options.RequestsPerBatch, cancellationToken))
                {
                    await store.PauseAsync(row.BatchId, now, now + Pause(row.Pauses, wait.Asked), cancellationToken);
                }

                telemetry.Tried("waits");
                break;

            case RequestVerdict.Wait wait:
                var until = now + Pause(row.Pauses, wait.Asked);
                await store.PauseAsync(row.BatchId, now, until, cancellationToken);
                await store.ReleaseAsync(row, running.Claim, row.Failures + (wait.Counts ? 1 : 0), until, cancellationToken);
                telemetry.Tried("waits");
                break;

            case RequestVerdict.Again:
                await store.ReleaseAsync(row, running.Claim, row.Failures + 1, now + Pause(row.Failures, null), cancellationToken);
                telemetry.Tried("again");
                break;

            case RequestVerdict.OwnerGone gone:
                BatchError[] errors = [new(gone.Error.Body.Code ?? "", $"The batch runs in the name of an API key that may not ask any more: {gone.Error.Body.Message}", null, null)];
                await store.EndAsync(row.BatchId, JsonSerializer.Serialize(errors, BatchJson.Default.IReadOnlyListBatchError), cancellationToken);
                await store.ReleaseAsync(row, running.Claim, row.Failures, now, cancellationToken);
                signals.Stages.Raise();
                break;
        }
    }

    private async Task FinishAsync(RequestRow row, RequestVerdict.Result result, DateTimeOffset now, CancellationToken cancellationToken)
    {
        string? key = null;
        if (result.Answer is { } answer && answer.Length > _options.InlineBytes)
        {
            await store.HasObjectsAsync(row.BatchId, cancellationToken);
            key = await objects.PutAnswerAsync(row, answer, cancellationToken);
        }

        if (!await store.FinishAsync(row, running.Claim, result, key, now, cancellationToken))
        {
            LogLost(logger, row.RequestId);
            return;
        }

        telemetry.Tried(result.ErrorCode is null && result.Status is >= 200 and < 300 ? "completed" : "failed");
        if (row.Pauses > 0)
        {
            await store.UnpauseAsync(row.BatchId, cancellationToken);
        }

        if (row.IsCrowded)
        {
            await store.GrowAsync(row.BatchId, _options.RequestsPerBatch, cancellationToken);
        }

        if (running.IsLast(row))
        {
            // It may have been the batch's last.
            signals.Stages.Raise();
        }
    }

    /// <summary>A random part more, so that those who were refused together do not come back together.</summary>
    private TimeSpan Pause(int before, TimeSpan? asked)
    {
        var grown = Math.Min(_options.FirstPause.TotalSeconds * Math.Pow(2, Math.Min(before, 20)), _options.LongestPause.TotalSeconds);
        var seconds = Math.Max(grown, Math.Min(asked?.TotalSeconds ?? 0, _options.LongestPause.TotalSeconds));
        return TimeSpan.FromSeconds(seconds * (1 + (Random.Shared.NextDouble() / 4)));
    }

    /// <summary>Gives back what this gateway does not go on with, or keeps the answer that it has.</summary>
    private async Task LeaveAsync(RequestRow row, RequestVerdict? verdict)
    {
        using var limit = new CancellationTokenSource(ReleaseTime);
        try
        {
            var now = time.GetUtcNow();
            if (verdict is RequestVerdict.Result result)
            {
                await FinishAsync(row, result, now, limit.Token);
            }
            else
            {
                await store.ReleaseAsync(row, running.Claim, row.Failures, now, limit.Token, deaths: verdict is RequestVerdict.Interrupted ? 1 : 0);
            }
        }
        catch (Exception error) when (Loop.IsInfrastructure(error) || error is OperationCanceledException)
        {
            LogAway(logger, error.Message, row.RequestId);
        }
    }

    [LoggerMessage(1712, LogLevel.Information, "Request {RequestId} is another gateway's now, or its batch has ended: its answer is thrown away")]
    private static partial void LogLost(ILogger logger, string requestId);

    [LoggerMessage(1713, LogLevel.Warning, "What batches are kept in does not answer ({Reason}). Request {RequestId} waits")]
    private static partial void LogAway(ILogger logger, string reason, string requestId);

    [LoggerMessage(1714, LogLevel.Error, "Request {RequestId} of a batch failed in a way that was not foreseen")]
    private static partial void LogUnforeseen(ILogger logger, Exception error, string requestId);
}
