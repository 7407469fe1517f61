using System.Collections.Concurrent;
using AiFactory.Gateway.Batches;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Webhooks;

/// <summary>Delivers messages, each until its receiver has it, or it is parked. A gateway that dies in between delivers it again under the same id. None waits for another.</summary>
internal sealed partial class WebhookWorker(
    MigrationState migrations,
    WebhookSignal signal,
    WebhookStore store,
    WebhookSender sender,
    WebhookTelemetry telemetry,
    IOptions<WebhookOptions> options,
    IOptions<BatchOptions> batches,
    TimeProvider time,
    ILogger<WebhookWorker> logger) : Loop(migrations, signal.Signal, batches.Value.Interval, time, logger)
{
    private const int AtOnce = 100;

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly WebhookOptions _options = options.Value;
    private readonly TimeProvider _time = time;
    private readonly ILogger<WebhookWorker> _logger = logger;
    private readonly ConcurrentDictionary<Guid, Task> _running = new();
    private readonly CancellationTokenSource _stopped = new();

    /// <summary>This process: another start of the gateway is another one.</summary>
    private readonly Guid _claim = Guid.CreateVersion7();

    private DateTimeOffset _nextSweep;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (now >= _nextSweep)
        {
            while (await store.DeleteEndedAsync(now - _options.Retention, AtOnce, cancellationToken) == AtOnce)
            {
            }

            _nextSweep = now + TimeSpan.FromMinutes(10);
        }

        var room = _options.Concurrency - _running.Count;
        if (room <= 0)
        {
            return false;
        }

        // Not cancelled in the middle: what is claimed is begun.
        var messages = await store.ClaimAsync(_claim, room, Math.Max(1, _options.Concurrency / 4), now, _options.Timeout + Margin, CancellationToken.None);
        foreach (var message in messages)
        {
            var done = new TaskCompletionSource();
            _running[message.Id] = done.Task;
            _ = Task.Run(() => RunAsync(message, done), CancellationToken.None);
        }

        return messages.Count > 0;
    }

    /// <summary>Messages that are under way are broken off, and sent again when their claim is over.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _stopped.CancelAsync();
        await Task.WhenAll(_running.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Cancelled and, as <see cref="BackgroundService"/> does it, not disposed: two may stop a host at once, and one of them disposes of what the other still stops.</summary>
    public override void Dispose()
    {
        _stopped.Cancel();
        base.Dispose();
    }

    /// <summary>How long to wait after that many attempts: 5 s, 20 s, 80 s, and so on, and a random part more.</summary>
    internal static TimeSpan Delay(int attempts, WebhookOptions options, double part) => TimeSpan.FromSeconds(
        Math.Min(options.FirstDelay.TotalSeconds * Math.Pow(4, Math.Min(attempts - 1, 20)), options.LongestDelay.TotalSeconds) * (1 + (part / 5)));

    /// <summary>Throws nothing: nobody waits for it but who stops.</summary>
    private async Task RunAsync(WebhookMessageRow message, TaskCompletionSource done)
    {
        try
        {
            await DeliverAsync(message, _stopped.Token);
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
        }
        catch (Exception error) when (Loop.IsAway(error))
        {
            // The claim runs out, and somebody sends it again.
            LogAway(_logger, message.Id, error.Message);
        }
        catch (Exception error)
        {
            LogUnforeseen(_logger, error, message.Id);
        }
        finally
        {
            _running.TryRemove(message.Id, out _);
            done.SetResult();
            signal.Signal.Raise();
        }
    }

    private async Task DeliverAsync(WebhookMessageRow message, CancellationToken cancellationToken)
    {
        var attempt = await SendAsync(message, cancellationToken);
        var now = _time.GetUtcNow();
        var state = attempt.Error is null ? WebhookMessageRow.Delivered : attempt.Final || message.Attempts >= _options.Attempts ? WebhookMessageRow.Parked : WebhookMessageRow.Waiting;
        var delay = Delay(message.Attempts, _options, Random.Shared.NextDouble());
        if (attempt.RetryAfter is { } asked && asked > delay)
        {
            delay = asked < _options.LongestDelay ? asked : _options.LongestDelay;
        }

        // Also when the gateway stops meanwhile: what was delivered is not delivered again.
        await store.RecordAsync(message.Id, _claim, message.Attempts, state, attempt.Status, attempt.Error, now + delay, now, CancellationToken.None);
        telemetry.Attempted(state);
        if (state == WebhookMessageRow.Parked)
        {
            LogParked(_logger, message.Id, message.Project, message.Attempts, attempt.Error ?? "");
        }
    }

    /// <summary>A bug that one message brings out parks that one.</summary>
    private async Task<WebhookAttempt> SendAsync(WebhookMessageRow message, CancellationToken cancellationToken)
    {
        try
        {
            return await sender.SendAsync(message, cancellationToken);
        }
        catch (Exception error) when (!Loop.IsAway(error) && !cancellationToken.IsCancellationRequested)
        {
            LogUnforeseen(_logger, error, message.Id);
            return new WebhookAttempt(null, "The gateway failed over this message in a way that was not foreseen; its log says more.", Final: true);
        }
    }

    [LoggerMessage(1731, LogLevel.Warning, "The webhook message {Message} of project {Project} is parked after {Attempts} attempts: {Reason}")]
    private static partial void LogParked(ILogger logger, Guid message, string project, int attempts, string reason);

    [LoggerMessage(1733, LogLevel.Warning, "The webhook message {Message} waits: what it is kept in does not answer ({Reason})")]
    private static partial void LogAway(ILogger logger, Guid message, string reason);

    [LoggerMessage(1734, LogLevel.Error, "The webhook message {Message} failed in a way that was not foreseen")]
    private static partial void LogUnforeseen(ILogger logger, Exception error, Guid message);
}
