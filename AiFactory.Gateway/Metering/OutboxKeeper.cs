using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Metering;

/// <summary>Brings the outbox to the disk and keeps a segment ready, so that no request waits for either.</summary>
internal sealed partial class OutboxKeeper(UsageOutbox outbox, MeteringTelemetry telemetry, IOptions<MeteringOptions> options, TimeProvider time, ILogger<OutboxKeeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookForRoom = TimeSpan.FromSeconds(1);

    private bool _full;
    private long _reported;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (outbox.Open() is not { } file)
        {
            LogOff(logger, UsageOutbox.Database);
            return Task.CompletedTask;
        }

        if (file.TornBytes > 0)
        {
            LogTorn(logger, file.TornBytes);
        }

        RunOnce();
        return base.StartAsync(cancellationToken);
    }

    /// <summary>One step: what was appended is on the disk afterwards.</summary>
    public void RunOnce()
    {
        if (outbox.File is not { } file)
        {
            return;
        }

        try
        {
            if (file.NeedsSync)
            {
                file.Sync();
            }

            Report(!file.Prepare(), "Metering:MaxBytes is reached");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Report(full: true, error.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The signal comes with the first record after a sync; one interval's records then go to the disk together. While it is full every record that is lost would raise it, and
        // each look for room costs the disk a segment: then one a second is enough.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            await (_full ? Task.Delay(LookForRoom, time, stoppingToken) : outbox.Wake.WaitAsync(TimeSpan.FromMinutes(1), time, stoppingToken))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (outbox.File is { NeedsSegment: false })
            {
                await Task.Delay(options.Value.SyncInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            RunOnce();
        }
    }

    private void Report(bool full, string reason)
    {
        var lost = telemetry.LostInAll;
        if (full && (!_full || lost > _reported))
        {
            LogFull(logger, reason, lost);
        }
        else if (_full && !full)
        {
            LogRoom(logger, lost);
        }

        (_full, _reported) = (full, lost);
    }

    [LoggerMessage(1401, LogLevel.Warning, "No usage is metered: ConnectionStrings:{Database} is not set")]
    private static partial void LogOff(ILogger logger, string database);

    [LoggerMessage(1402, LogLevel.Warning, "A crash tore {Bytes} bytes off the usage outbox: at most the record that was being written is lost")]
    private static partial void LogTorn(ILogger logger, int bytes);

    [LoggerMessage(1403, LogLevel.Error, "The usage outbox has no room ({Reason}); {Lost} records are lost since the start")]
    private static partial void LogFull(ILogger logger, string reason, long lost);

    [LoggerMessage(1404, LogLevel.Information, "The usage outbox has room again; {Lost} records are lost since the start")]
    private static partial void LogRoom(ILogger logger, long lost);
}
