using System.Runtime.InteropServices;
using System.Text.Json;
using AiFactory.Gateway.Auditing;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Outbox;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiFactory.Gateway.Metering;

/// <summary>
/// Brings the outbox to the ledger. A batch that was delivered and not noted as such is delivered again, which the ledger's ids undo. A request that an earlier process began and did
/// not end goes as it was noted last. One that is open while its segment is deleted is written again behind it.
/// </summary>
internal sealed partial class UsageShipper(
    UsageOutbox outbox,
    UsageStore store,
    AuditDelivery audit,
    PriceTable prices,
    MeteringTelemetry telemetry,
    MigrationState migrations,
    IOptions<MeteringOptions> options,
    TimeProvider time,
    ILogger<UsageShipper> logger)
    : Loop(migrations, new Signal(), options.Value.ShipInterval, time, logger)
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Who is so far behind ships without a pause.</summary>
    private static readonly TimeSpan FarBehind = TimeSpan.FromSeconds(2);

    private readonly MigrationState _migrations = migrations;
    private readonly TimeProvider _time = time;
    private readonly ILogger<UsageShipper> _logger = logger;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly List<UsageRow> _batch = [];
    private readonly KnownTexts _texts = new();

    /// <summary>Requests that have begun and not ended, with their last entry and the segment that holds it.</summary>
    private readonly Dictionary<Guid, OpenEntry> _open = [];

    private readonly Lock _lock = new();
    private Task? _end;
    private OutboxPosition _read;

    /// <summary>Where the outbox ended at some time: when that is delivered, so is all that ended before.</summary>
    private (long At, OutboxPosition End)? _goal;
    private bool _pricesKnown;
    private bool _inheritedDone;

    /// <summary>What has come together since the last round goes in several batches, and would take a processor of a small machine from the requests if nothing were between them.</summary>
    protected override TimeSpan PauseAfter(TimeSpan step) =>
        _goal is { } goal && _time.GetElapsedTime(goal.At) > FarBehind ? TimeSpan.Zero
        : 2 * step < LongestPause ? 2 * step : LongestPause;

    /// <returns>Whether there was more in the outbox when it was read. What has come since then can wait, or a few records at a time would keep this and the database busy.</returns>
    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var end = outbox.File?.End ?? default;
        return await ShipAsync(cancellationToken) && !_read.Reaches(end);
    }

    /// <returns>Whether it has read anything.</returns>
    private async Task<bool> ShipAsync(CancellationToken cancellationToken)
    {
        if (outbox.File is not { } file)
        {
            return false;
        }

        // 1. The prices that the records name.
        if (!_pricesKnown && prices.Version is { } version)
        {
            await store.InsertPricesAsync(version, prices.Currency, prices.Json, _time.GetUtcNow(), cancellationToken);
        }

        _pricesKnown = true;

        // 2. What an earlier process left open. Before more is read: what this process opens is not among it, however often this fails.
        _inheritedDone |= file.Inherited.Segment == 0;
        if (!_inheritedDone && _read.Segment > file.Inherited.Segment)
        {
            await InterruptAsync(cancellationToken);
        }

        outbox.InheritedDelivered = _inheritedDone;

        // 3. A batch. When it is not taken, it is read again: each entry says all, so nothing is counted twice.
        _batch.Clear();
        audit.Begin();
        var goal = _goal ??= (_time.GetTimestamp(), file.End);
        var next = file.Read(_read, _buffer, Take);
        await DeliverAsync(cancellationToken);
        await audit.DeliverAsync(cancellationToken);
        var more = next != _read;
        _read = next;
        if (_inheritedDone && _read.Reaches(goal.End))
        {
            (outbox.DeliveredUntil, _goal) = (goal.At, null);
        }

        // 4. Files that are done with.
        if (_inheritedDone && CarryOpen(file))
        {
            file.DeleteBefore(_read);
        }

        return more;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!_migrations.Completed.IsCompletedSuccessfully)
        {
            return;
        }

        // Who runs the host stops it too once it is being stopped (WaitForShutdownAsync): both wait for one last round.
        Task end;
        lock (_lock)
        {
            end = _end ??= EndAsync(cancellationToken);
        }

        await end;
    }

    /// <summary>What came since the last round. The file keeps what the database does not take now.</summary>
    private async Task EndAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StopPatience);
        try
        {
            while (await ShipAsync(limit.Token))
            {
            }

            outbox.Delivered = _open.Count == 0 ? _read : default;
        }
        catch (Exception error) when (IsInfrastructure(error) || error is OperationCanceledException)
        {
            LogLeft(_logger, outbox.File?.Size ?? 0, error.Message);
        }
    }

    private void Take(ReadOnlySpan<byte> entry, long segment)
    {
        var id = UsageEntry.IdOf(entry);
        switch (UsageEntry.KindOf(entry))
        {
            case UsageEntryKind.Open:
                Open(id, entry, segment);
                break;
            // It may have ended while it was carried.
            case UsageEntryKind.Carried when !_inheritedDone || _open.ContainsKey(id):
                Open(id, entry, segment);
                break;
            case UsageEntryKind.Ended:
                if (_open.Remove(id, out var begun))
                {
                    begun.Release();
                }

                AddToBatch(entry);
                break;
            case UsageEntryKind.Audit:
                audit.Take(entry);
                break;
        }
    }

    private void Open(Guid id, ReadOnlySpan<byte> entry, long segment)
    {
        ref var open = ref CollectionsMarshal.GetValueRefOrAddDefault(_open, id, out var isKnown);
        if (isKnown)
        {
            open.Release();
        }

        open = OpenEntry.Of(entry, segment);
    }

    private void AddToBatch(ReadOnlySpan<byte> entry)
    {
        try
        {
            _batch.Add(UsageRow.From(UsageEntry.Read(entry, _texts)));
        }
        catch (InvalidDataException error)
        {
            telemetry.Lost("unreadable");
            LogUnreadable(_logger, error.Message);
        }
    }

    private async Task InterruptAsync(CancellationToken cancellationToken)
    {
        _batch.Clear();
        foreach (var open in _open.Values)
        {
            AddToBatch(open.Bytes);
        }

        await DeliverAsync(cancellationToken);
        if (_open.Count > 0)
        {
            LogInterrupted(_logger, _open.Count);
        }

        foreach (var open in _open.Values)
        {
            open.Release();
        }

        _open.Clear();
        _inheritedDone = true;
    }

    private async Task DeliverAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0)
        {
            return;
        }

        try
        {
            await store.InsertAsync(_batch, cancellationToken);
            telemetry.Delivered(_batch.Count);
        }
        catch (PostgresException refused) when (IsForItsValues(refused))
        {
            // One that the database will never take must not hold up the others.
            foreach (var row in _batch)
            {
                await DeliverAloneAsync(row, cancellationToken);
            }
        }
    }

    private async Task DeliverAloneAsync(UsageRow row, CancellationToken cancellationToken)
    {
        try
        {
            await store.InsertAsync([row], cancellationToken);
            telemetry.Delivered(1);
        }
        catch (PostgresException refused) when (IsForItsValues(refused))
        {
            telemetry.Lost("refused");
            LogRefused(_logger, refused, JsonSerializer.Serialize(row, UsageJson.Default.UsageRow));
        }
    }

    /// <summary>False when what is open is not written again: its segments stay.</summary>
    private bool CarryOpen(FileOutbox file)
    {
        var behind = _open.Where(request => request.Value.Segment < _read.Segment).ToArray();
        if (file.Size < 2L * behind.Sum(request => request.Value.Length))
        {
            // It would free less than it writes, and lie behind again by then.
            return false;
        }

        foreach (var (id, open) in behind)
        {
            open.Bytes[0] = (byte)UsageEntryKind.Carried;
            if (!file.TryAppend(open.Bytes, out var wake))
            {
                return false;
            }

            if (wake)
            {
                outbox.Wake.Raise();
            }

            // Where it lies now, it is known when it is read there.
            _open[id] = open with { Segment = long.MaxValue };
        }

        if (behind.Length > 0)
        {
            file.Sync();
        }

        return true;
    }

    [LoggerMessage(1405, LogLevel.Warning, "{Requests} requests were open when the gateway ended without stopping; the ledger has them as interrupted")]
    private static partial void LogInterrupted(ILogger logger, int requests);

    [LoggerMessage(1406, LogLevel.Error, "A usage record cannot be read ({Reason}) and is lost")]
    private static partial void LogUnreadable(ILogger logger, string reason);

    [LoggerMessage(1407, LogLevel.Error, "The database refuses a usage record, which is left out: {Record}")]
    private static partial void LogRefused(ILogger logger, Exception error, string record);

    [LoggerMessage(1408, LogLevel.Warning, "{Bytes} bytes of usage records stay on the disk until the next start: {Reason}")]
    private static partial void LogLeft(ILogger logger, long bytes, string reason);
}
