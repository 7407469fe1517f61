using AiFactory.Gateway.Batches;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Webhooks;

/// <summary>Delivers messages, each until its receiver has it, or it is parked. A gateway that dies in between delivers it again under the same id.</summary>
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
    private const int LongestError = 500;

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly WebhookOptions _options = options.Value;
    private readonly TimeProvider _time = time;
    private readonly ILogger<WebhookWorker> _logger = logger;
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

        var claim = Guid.CreateVersion7(now);
        var messages = await store.ClaimAsync(claim, _options.Concurrency, Math.Max(1, _options.Concurrency / 4), now, now + _options.Timeout + Margin, cancellationToken);
        await Task.WhenAll(messages.Select(message => DeliverAsync(message, claim, cancellationToken)));
        return messages.Count > 0;
    }

    /// <summary>How long to wait after that many attempts: 5 s, 20 s, 80 s, and so on, and a random part more.</summary>
    internal static TimeSpan Delay(int attempts, WebhookOptions options, double part) => TimeSpan.FromSeconds(
        Math.Min(options.FirstDelay.TotalSeconds * Math.Pow(4, Math.Min(attempts - 1, 20)), options.LongestDelay.TotalSeconds) * (1 + (part / 5)));

    private async Task DeliverAsync(WebhookMessageRow message, Guid claim, CancellationToken cancellationToken)
    {
        var attempt = await sender.SendAsync(message, cancellationToken);
        var now = _time.GetUtcNow();
        var state = attempt.Error is null ? WebhookMessageRow.Delivered : attempt.Final || message.Attempts >= _options.Attempts ? WebhookMessageRow.Parked : WebhookMessageRow.Waiting;
        var delay = Delay(message.Attempts, _options, Random.Shared.NextDouble());
        if (attempt.RetryAfter is { } asked && asked > delay)
        {
            delay = asked < _options.LongestDelay ? asked : _options.LongestDelay;
        }

        var error = attempt.Error?.Length > LongestError ? attempt.Error[..LongestError] : attempt.Error;
        await store.RecordAsync(message.Id, claim, state, attempt.Status, error, now + delay, now, cancellationToken);
        telemetry.Attempted(state);
        if (state == WebhookMessageRow.Parked)
        {
            LogParked(_logger, message.Id, message.Project, message.Attempts, error ?? "");
        }
    }

    [LoggerMessage(1731, LogLevel.Warning, "The webhook message {Message} of project {Project} is parked after {Attempts} attempts: {Reason}")]
    private static partial void LogParked(ILogger logger, Guid message, string project, int attempts, string reason);
}
